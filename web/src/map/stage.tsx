import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../parts/choice";
import { LassoIcon, MinusIcon, PlusIcon, WholeIcon } from "../parts/icons";
import { dark, rgb } from "../theme";
import { shown, t } from "../words";
import { Chart, type ChartEvents, type ClusterName } from "./chart";
import type { Coloured } from "./colouring";
import { paletteOf } from "./colouring";
import type { Standpoint } from "./eye";
import type { Geometry } from "./geometry";
import type { Inks } from "./overlay";

interface StageProps {
  geometry: Geometry;
  coloured: Coloured | null;
  lit: number | null;
  clusterNames: readonly ClusterName[];
  labelled: boolean;
  standpoint: Standpoint | null;
  mask: Uint8Array | null;
  events: Omit<ChartEvents, "onHover">;
  /** The chart when it is there, null when it is gone. */
  onChart: (chart: Chart | null) => void;
  /** This browser cannot draw it. */
  onBlank: (lost: boolean) => void;
}

/** As programs that read SVG know colours, too. */
function ink(token: string, opacity = 1): string {
  const parts = rgb(token);
  if (opacity < 1) return `rgba(${parts.join(", ")}, ${opacity})`;
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function inks(): Inks {
  return {
    ink: ink("--ink"),
    faint: ink("--faint"),
    rule: ink("--rule"),
    edge: ink("--edge"),
    paper: ink("--halo"),
    accent: ink("--accent"),
    wash: ink("--accent", 0.18),
    named: ink("--named"),
    veil: ink("--halo", 0.6),
  };
}

/** The picture itself, its tools, and what is read out of it. */
export function Stage(props: StageProps) {
  const { geometry, coloured, lit, clusterNames, labelled, mask } = props;
  const host = useRef<HTMLDivElement>(null);
  const points = useRef<HTMLCanvasElement>(null);
  const top = useRef<HTMLCanvasElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<Chart | null>(null);
  const [lasso, setLasso] = useState(false);
  const [seen, setSeen] = useState<readonly number[]>([]);
  const held = useRef<Chart | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const [at, canvas, over] = [host.current, points.current, top.current];
    if (!at || !canvas || !over) return;
    const blank = (event: Event) => {
      event.preventDefault();
      latest.current.onBlank(true);
    };
    let made: Chart;
    try {
      made = new Chart(at, over, canvas, geometry, inks(), latest.current.standpoint, {
        onStand: (point) => latest.current.events.onStand(point),
        onPick: (point) => latest.current.events.onPick(point),
        onHover: (point, x, y) => void hover(point, x, y),
        onLasso: (chosen) => {
          lassoed(false);
          latest.current.events.onLasso(chosen);
        },
        onLabels: (labels) => {
          setSeen(labels);
          latest.current.events.onLabels(labels);
        },
      });
    } catch {
      latest.current.onBlank(false);
      return;
    }
    canvas.addEventListener("webglcontextlost", blank);
    const lassoed = (on: boolean) => {
      made.lasso(on);
      setLasso(on);
    };
    held.current = made;
    setChart(made);
    latest.current.onChart(made);
    return () => {
      canvas.removeEventListener("webglcontextlost", blank);
      latest.current.onChart(null);
      held.current = null;
      setChart(null);
      made.dispose();
    };
  }, [geometry]);

  useEffect(() => {
    if (!chart || !coloured || coloured.map !== geometry.state.map) return;
    chart.colour(coloured.tones, paletteOf(coloured, lit));
  }, [chart, coloured]);
  useEffect(() => {
    if (!chart || !coloured || coloured.map !== geometry.state.map) return;
    chart.overlay.inks = inks();
    chart.repaint(paletteOf(coloured, lit));
  }, [chart, lit, dark.value]);
  useEffect(() => chart?.choose(mask), [chart, mask]);
  useEffect(() => chart?.nameClusters(clusterNames), [chart, clusterNames]);
  useEffect(() => {
    if (!chart) return;
    chart.labelled = labelled;
    chart.refresh(true);
  }, [chart, labelled]);

  async function hover(point: number | null, x: number, y: number) {
    const box = tip.current;
    if (!box) return;
    box.hidden = true;
    if (point === null) return;
    await geometry.names.need([point]).catch(() => {});
    const key = geometry.names.get(point);
    const now = latest.current;
    if (key === undefined || now.geometry !== geometry || held.current?.overlay.hovered !== point) return;
    box.textContent = shown(key);
    box.hidden = false;
    const room = host.current?.clientWidth ?? 0;
    box.style.transform = `translate(${Math.min(x + 14, room - box.offsetWidth - 8)}px, ${Math.max(4, y - 34)}px)`;
  }

  const names = seen.slice(0, 12).map((point) => shown(geometry.names.get(point) ?? ""));
  const n = geometry.state.points;
  return (
    <div class="stage">
      <div
        ref={host}
        class={lasso ? "ground lassoing" : "ground"}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is moved by keys
        tabIndex={0}
        aria-label={t("map.stage", { n })}
        aria-describedby="map-keys"
        data-map={geometry.state.map}
      >
        <canvas ref={points} />
        <canvas ref={top} />
        <div ref={tip} class="tip key" hidden />
      </div>
      <p id="map-keys" class="unseen">
        {t("map.stage.keys")}
      </p>
      <p class="unseen" role="status" data-seen={seen.length}>
        {t("map.stage.seen", { n: seen.length, keys: names.join(", ") })}
      </p>
      <div class="tools" role="toolbar" aria-label={t("map.tools")}>
        <IconButton label={t("map.tool.in")} onClick={() => chart?.eye.magnify(1.5)}>
          <PlusIcon />
        </IconButton>
        <IconButton label={t("map.tool.out")} onClick={() => chart?.eye.magnify(1 / 1.5)}>
          <MinusIcon />
        </IconButton>
        <IconButton label={t("map.tool.whole")} onClick={() => chart?.eye.goWhole()}>
          <WholeIcon />
        </IconButton>
        <IconButton
          label={t("map.tool.lasso")}
          pressed={lasso}
          onClick={() => {
            chart?.lasso(!lasso);
            setLasso(!lasso);
          }}
        >
          <LassoIcon />
        </IconButton>
      </div>
    </div>
  );
}
