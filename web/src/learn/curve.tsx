import { useState } from "preact/hooks";
import { number, t } from "../words";
import type { Point } from "./run";
import { useSize } from "./size";
import { decimals, ticks } from "./ticks";

interface CurveProps {
  points: readonly Point[];
  epochs: number | null;
}

const margin = { top: 12, right: 12, bottom: 30, left: 48 };

/** The loss, by epoch; the pointer reads it. */
export function Curve({ points, epochs }: CurveProps) {
  const [box, { width, height }] = useSize<HTMLDivElement>();
  const [at, setAt] = useState<number | null>(null);
  const right = Math.max(epochs ?? 0, points.at(-1)?.[0] ?? 0) || 1;
  const losses = points.map(([, loss]) => loss);
  const [bottom, top] = bounds(losses);
  const wide = Math.max(1, width - margin.left - margin.right);
  const tall = Math.max(1, height - margin.top - margin.bottom);
  const x = (epoch: number) => margin.left + (epoch / right) * wide;
  const y = (loss: number) => margin.top + ((top - loss) / (top - bottom)) * tall;
  const rows = ticks(bottom, top, Math.max(2, tall / 48));
  const columns = ticks(0, right, Math.max(2, Math.min(right, wide / 64)));
  const digits = decimals(rows);
  const across = decimals(columns);
  const near = at === null ? undefined : nearest(points, ((at - margin.left) / wide) * right);

  return (
    <div class="curve">
      <div ref={box} class="plot">
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={t("learn.curve.label")}
          onPointerMove={(event) => setAt(event.offsetX)}
          onPointerLeave={() => setAt(null)}
        >
          {rows.map((loss) => (
            <g key={loss} class="tick">
              <line x1={margin.left} x2={width - margin.right} y1={y(loss)} y2={y(loss)} />
              <text x={margin.left - 8} y={y(loss)} dy="0.35em" text-anchor="end">
                {number(loss, { minimumFractionDigits: digits, maximumFractionDigits: digits })}
              </text>
            </g>
          ))}
          {columns.map((epoch) => (
            <text
              key={epoch}
              class="tick"
              x={x(epoch)}
              y={height - margin.bottom + 18}
              text-anchor={epoch === 0 ? "start" : x(epoch) > width - margin.right - 8 ? "end" : "middle"}
            >
              {number(epoch, { maximumFractionDigits: across })}
            </text>
          ))}
          <path
            class="line"
            d={points
              .map(([epoch, loss], i) => `${i ? "L" : "M"}${x(epoch).toFixed(1)} ${y(loss).toFixed(1)}`)
              .join("")}
          />
          {near && (
            <g class="read">
              <line x1={x(near[0])} x2={x(near[0])} y1={margin.top} y2={height - margin.bottom} />
              <circle cx={x(near[0])} cy={y(near[1])} r={4} />
            </g>
          )}
        </svg>
      </div>
      <p class="under small figure">
        {near
          ? t("learn.curve.at", { epoch: number(near[0], { maximumFractionDigits: 2 }), loss: loss(near[1]) })
          : t("learn.curve.axes")}
      </p>
    </div>
  );
}

export const loss = (value: number): string =>
  number(value, { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** From which loss to which the axis goes: a little beyond what there is. */
export function bounds(losses: readonly number[]): [number, number] {
  if (losses.length === 0) return [0, 1];
  const low = Math.min(...losses);
  const high = Math.max(...losses);
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - room, high + room];
}

function nearest(points: readonly Point[], epoch: number): Point | undefined {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) < epoch) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [points[low - 1], points[low]];
  return before && after && epoch - before[0] < after[0] - epoch ? before : after;
}
