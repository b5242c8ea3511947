import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LinkedMap } from "../api";
import { dark } from "../theme";
import { shown, t } from "../words";
import { changes, draw, frame, type Plane, type Point, pointAt } from "./plane";

interface MapsProps {
  a: string;
  b: string;
  value: LinkedMap;
  /** The key that was chosen. */
  chosen: string | null;
  onChoose: (key: string) => void;
}

/** Two planes with the same keys: what is pointed at in one is shown in the other, with the way it went. */
export function Maps({ a, b, value, chosen, onChoose }: MapsProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const places = useMemo(() => new Map(value.keys.map((key, index) => [key, index])), [value]);
  const [first, second] = useMemo(() => {
    const shared = {
      keys: value.keys,
      change: changes(value.jaccard),
      frame: frame(value.a, value.b),
    };
    return [
      { ...shared, points: value.a },
      { ...shared, points: value.b },
    ];
  }, [value]);
  const index = chosen === null ? null : (places.get(chosen) ?? null);
  const outstanding = hovered ?? index;
  const shared = { hovered, chosen: index, onHover: setHovered, onChoose };
  return (
    <div class="maps">
      <Side {...shared} name={a} plane={first} from={null} />
      <Side
        {...shared}
        name={b}
        plane={second}
        from={outstanding === null ? null : (value.a[outstanding] ?? null)}
      />
    </div>
  );
}

interface SideProps {
  name: string;
  plane: Plane;
  hovered: number | null;
  chosen: number | null;
  from: Point | null;
  onHover: (index: number | null) => void;
  onChoose: (key: string) => void;
}

function Side({ name, plane, hovered, chosen, from, onHover, onChoose }: SideProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const isDark = dark.value;

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const watch = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (!element || !pen || size.width === 0) return;
    const sharp = devicePixelRatio || 1;
    element.width = size.width * sharp;
    element.height = size.height * sharp;
    pen.scale(sharp, sharp);
    draw(plane, { pen, ...size, chosen, hovered, from });
  }, [plane, size, chosen, hovered, from, isDark]);

  const under = (event: PointerEvent): number | null =>
    pointAt(plane, size.width, size.height, event.offsetX, event.offsetY);
  return (
    <figure>
      <figcaption class="key">{shown(name)}</figcaption>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("compare.maps.label", { name: shown(name) })}
        class={hovered === null ? "" : "over"}
        onPointerMove={(event) => onHover(under(event))}
        onPointerLeave={() => onHover(null)}
        onPointerUp={(event) => {
          const key = plane.keys[under(event) ?? -1];
          if (key !== undefined) onChoose(key);
        }}
      />
    </figure>
  );
}
