import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { colour, dark } from "../theme";
import { shown, t } from "../words";
import { Cloud, type Label, labels, uncovered } from "./cloud";
import type { Frame } from "./run";
import { useSize } from "./size";

const font = '13px system-ui, "Noto Sans", "Apple SD Gothic Neo", "Noto Sans KR", sans-serif';
const step = 0.12; // of a label's ink, from one picture to the next
const area = 5200; // square pixels for each label

/** The most frequent words; they glide to where they are learnt to be. */
export function LiveMap({ frame }: { frame: Signal<Frame | null> }) {
  const [box, size] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const cloud = useRef(new Cloud());
  const named = useRef<Label[]>([]);
  const pointed = useRef<number | null>(null);
  const asked = useRef(0);
  const ink = useRef(new Map<number, number>()); // how much of each label is to be seen, 0…1
  const now = frame.value;
  const isDark = dark.value;

  function paint() {
    asked.current = 0;
    const context = canvas.current?.getContext("2d");
    if (!context || size.width === 0) return;
    const more = cloud.current.move(performance.now());
    const fading = fade(ink.current, named.current, uncovered(named.current, cloud.current, size));
    draw(context, cloud.current, size, named.current, ink.current, pointed.current);
    if (more || fading) ask();
  }
  function ask() {
    if (!asked.current) asked.current = requestAnimationFrame(paint);
  }
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    const element = canvas.current;
    if (!element || size.width === 0) return;
    element.width = Math.round(size.width * devicePixelRatio);
    element.height = Math.round(size.height * devicePixelRatio);
    const context = element.getContext("2d");
    if (!now || !context) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    cloud.current.head(now, size, performance.now(), still);
    context.font = font;
    named.current = labels(
      cloud.current,
      size,
      new Set(named.current.map((label) => label.index)),
      Math.round((size.width * size.height) / area),
      (text) => context.measureText(text).width,
      shown,
    );
    ask();
  }, [now, size.width, size.height]);
  useEffect(() => latest.current(), [isDark]);
  useEffect(() => () => cancelAnimationFrame(asked.current), []);

  return (
    <div ref={box} class="livemap">
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("learn.map.label", { n: now?.keys.length ?? 0 })}
        onPointerMove={(event) => {
          const under = cloud.current.under(event.offsetX, event.offsetY, size);
          if (under !== pointed.current) {
            pointed.current = under;
            ask();
          }
        }}
        onPointerLeave={() => {
          pointed.current = null;
          ask();
        }}
      />
      {!now && <p class="faint">{t("learn.map.waiting")}</p>}
    </div>
  );
}

/** Labels come and go in a few pictures; whether one of them is still on its way. */
function fade(ink: Map<number, number>, named: readonly Label[], free: ReadonlySet<number>): boolean {
  let going = false;
  const names = new Set(named.map((label) => label.index));
  for (const index of ink.keys()) if (!names.has(index)) ink.delete(index);
  for (const index of names) {
    const [now, goal] = [ink.get(index) ?? 0, free.has(index) ? 1 : 0];
    const next = now < goal ? Math.min(goal, now + step) : Math.max(goal, now - step);
    ink.set(index, next);
    going ||= next !== goal;
  }
  return going;
}

function draw(
  context: CanvasRenderingContext2D,
  cloud: Cloud,
  size: { width: number; height: number },
  named: readonly Label[],
  ink: ReadonlyMap<number, number>,
  pointed: number | null,
): void {
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, size.width, size.height);
  const dot = (index: number, radius: number) => {
    const [x, y] = cloud.at(index, size);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  };
  context.fillStyle = colour("--dot");
  context.beginPath();
  for (let index = 0; index < cloud.x.length; index++) dot(index, 2.2);
  context.fill();
  context.fillStyle = colour("--named");
  context.beginPath();
  for (const label of named) dot(label.index, 3);
  context.fill();
  context.font = font;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colour("--halo");
  const write = (index: number, text: string) => {
    const [x, y] = cloud.at(index, size);
    const right = x + 8 + context.measureText(text).width > size.width;
    context.textAlign = right ? "right" : "left";
    context.strokeText(text, right ? x - 6 : x + 6, y);
    context.fillText(text, right ? x - 6 : x + 6, y);
  };
  context.fillStyle = colour("--ink");
  for (const label of named) {
    context.globalAlpha = ink.get(label.index) ?? 0;
    if (label.index !== pointed && context.globalAlpha > 0) write(label.index, label.text);
  }
  context.globalAlpha = 1;
  const key = pointed === null ? undefined : cloud.keys[pointed];
  if (pointed === null || key === undefined) return;
  context.fillStyle = colour("--accent");
  context.beginPath();
  dot(pointed, 4);
  context.fill();
  context.lineWidth = 5;
  write(pointed, shown(key));
}
