// What is drawn over the points: contours, the axis of a line, arrows, marks, labels.
import type { Contour } from "../api";
import type { Dim } from "./eye";
import type { Placed } from "./labels";
import type { Pen, Script } from "./pen";
import { type Frame, type Places, project, projectPoint } from "./projection";

export interface Inks {
  readonly ink: string;
  readonly faint: string;
  readonly rule: string;
  readonly edge: string;
  readonly paper: string;
  readonly accent: string;
  readonly wash: string;
  readonly named: string;
  /** The paper, half seen through. */
  readonly veil: string;
}

export interface Arrow {
  readonly from: number;
  readonly to: number;
}

export interface Overlay {
  readonly dim: Dim;
  readonly places: Places;
  /** The least and the largest of each coordinate. */
  readonly box: readonly [readonly number[], readonly number[]];
  inks: Inks;
  contours: readonly Contour[];
  arrows: readonly Arrow[];
  /** The names of the two ends of a line. */
  poles: readonly [string, string] | null;
  /** What was searched, and its neighbours. */
  found: number | null;
  neighbours: readonly number[];
  /** The point under the pointer, or chosen by key. */
  hovered: number | null;
  chosen: number | null;
  /** Pixels of the lasso that is being drawn. */
  lasso: readonly number[];
  labels: readonly Placed[];
  /** Where the name of a cluster is written, by its number. */
  centres: readonly (readonly number[])[];
  clusterColours: readonly string[];
}

const at = new Float64Array(3);
const to = new Float64Array(3);

/** Where the axis of a line lies, in pixels from the top. */
export function axisAt(frame: Frame): number {
  const m = frame.matrix;
  // Just above the cloud: its middle less its half height, and some air.
  return ((1 - (m[13]! + m[5]!)) / 2) * frame.height - 14;
}

export function labelScript(point: number, overlay: Overlay): Script {
  const { inks } = overlay;
  if (point < 0) {
    const colour = overlay.clusterColours[-1 - point] ?? inks.ink;
    return { size: 15, weight: 700, colour, halo: inks.paper };
  }
  if (point === overlay.found || point === overlay.chosen)
    return { size: 14, weight: 700, colour: inks.accent, halo: inks.paper };
  if (overlay.neighbours.includes(point))
    return { size: 13, weight: 600, colour: inks.ink, halo: inks.paper };
  return { size: 12, weight: 400, colour: inks.ink, halo: inks.paper };
}

export function draw(overlay: Overlay, frame: Frame, pen: Pen, radius: number): void {
  if (overlay.dim === 2) drawContours(overlay, frame, pen);
  if (overlay.dim === 1) drawAxis(overlay, frame, pen);
  if (overlay.dim === 3) drawBox(overlay, frame, pen);
  drawArrows(overlay, frame, pen);
  drawLabels(overlay, frame, pen, radius < 1.6);
  drawMarks(overlay, frame, pen, radius);
  if (overlay.lasso.length >= 4) {
    const { accent, paper, wash } = overlay.inks;
    pen.path(overlay.lasso, { colour: paper, width: 5, fill: wash, closed: true });
    pen.path(overlay.lasso, { colour: accent, width: 2.5, closed: true });
  }
}

function drawContours({ contours, inks }: Overlay, frame: Frame, pen: Pen): void {
  for (const { rings } of contours)
    for (const ring of rings) {
      const pixels = new Float64Array(ring.length);
      for (let i = 0; i < ring.length; i += 2) {
        project(frame, ring[i]!, ring[i + 1]!, 0, at);
        pixels[i] = at[0]!;
        pixels[i + 1] = at[1]!;
      }
      pen.path(pixels, { colour: inks.veil, width: 4, closed: true });
      pen.path(pixels, { colour: inks.named, width: 1.5, closed: true });
    }
}

function drawAxis({ poles, inks }: Overlay, frame: Frame, pen: Pen): void {
  const y = axisAt(frame);
  pen.path([0, y, frame.width, y], { colour: inks.edge, width: 1 });
  for (const tick of [-1, 0, 1]) {
    project(frame, tick, 0, 0, at);
    const x = at[0]!;
    if (x < 0 || x > frame.width) continue;
    pen.path([x, y - 6, x, y + 6], { colour: inks.edge, width: 1.5 });
    pen.text(x, y + 16, String(tick).replace("-", "−"), {
      size: 11,
      weight: 400,
      colour: inks.faint,
      halo: inks.paper,
      align: "center",
    });
  }
  if (!poles) return;
  const script = { size: 15, weight: 700, colour: inks.accent, halo: inks.paper };
  const low = frame.height - 18;
  pen.text(12, low, `← ${poles[0]}`, { ...script, align: "left" });
  pen.text(frame.width - 12, low, `${poles[1]} →`, { ...script, align: "right" });
}

/** The box around all points: without it one does not see which way a cloud turns. */
function drawBox({ inks, box }: Overlay, frame: Frame, pen: Pen): void {
  const corner = (i: number) =>
    [0, 1, 2].map((axis) => box[(i >> axis) & 1]![axis] ?? 0) as [number, number, number];
  for (let a = 0; a < 8; a += 1)
    for (const bit of [1, 2, 4]) {
      const b = a | bit;
      if (b === a) continue;
      const [from, till] = [corner(a), corner(b)];
      if (project(frame, ...from, at) && project(frame, ...till, to))
        pen.path([at[0]!, at[1]!, to[0]!, to[1]!], { colour: inks.rule, width: 1 });
    }
}

function drawArrows({ arrows, places, inks }: Overlay, frame: Frame, pen: Pen): void {
  for (const arrow of arrows) {
    if (!projectPoint(frame, places, arrow.from, at) || !projectPoint(frame, places, arrow.to, to)) continue;
    const [x, y, tipX, tipY] = [at[0]!, at[1]!, to[0]!, to[1]!];
    const long = Math.hypot(tipX - x, tipY - y);
    if (long < 2) continue;
    const [ux, uy] = [(tipX - x) / long, (tipY - y) / long];
    const head = Math.min(10, long / 2);
    const [bx, by] = [tipX - ux * head, tipY - uy * head];
    pen.path([x, y, bx, by], { colour: inks.paper, width: 4.5 });
    pen.path([x, y, bx, by], { colour: inks.accent, width: 2 });
    const half = head * 0.45;
    pen.path([tipX, tipY, bx - uy * half, by + ux * half, bx + uy * half, by - ux * half], {
      colour: inks.accent,
      width: 1,
      fill: inks.accent,
      closed: true,
    });
  }
}

function drawMarks(overlay: Overlay, frame: Frame, pen: Pen, radius: number): void {
  const { inks, places } = overlay;
  const ring = (point: number | null, more: number, colour: string, width: number, fill?: string) => {
    if (point === null || !projectPoint(frame, places, point, at)) return;
    pen.ring(at[0]!, at[1]!, Math.max(3, radius + more), fill ? { colour, width, fill } : { colour, width });
  };
  for (const point of overlay.neighbours) ring(point, 1.5, inks.ink, 1.5);
  ring(overlay.found, 2, inks.paper, 2, inks.accent);
  ring(overlay.found, 5, inks.accent, 2);
  ring(overlay.chosen, 5, inks.accent, 2);
  ring(overlay.hovered, 3, inks.ink, 2);
}

/** With `dots`, the points that have a label stand out: where points are small, one could not tell which they are. */
function drawLabels(overlay: Overlay, frame: Frame, pen: Pen, dots: boolean): void {
  const axis = overlay.dim === 1 ? axisAt(frame) : 0;
  // The last is drawn over the others: those that come first matter most.
  for (let i = overlay.labels.length - 1; i >= 0; i -= 1) {
    const label = overlay.labels[i]!;
    if (!anchor(overlay, frame, label.point)) continue;
    const script = labelScript(label.point, overlay);
    const y = at[1]! + label.dy;
    if (overlay.dim === 1) {
      const colour = label.point === overlay.found ? overlay.inks.accent : overlay.inks.rule;
      pen.path([at[0]!, y + 9, at[0]!, axis], { colour, width: 1 });
      pen.ring(at[0]!, axis, 2, { colour: overlay.inks.edge, width: 1, fill: overlay.inks.edge });
    } else if (dots && label.point >= 0)
      pen.ring(at[0]!, at[1]!, 1.5, { colour: script.colour, width: 0, fill: script.colour });
    pen.text(at[0]! + label.dx, y, label.text, script);
  }
}

/** Where a label belongs, into `at`. */
function anchor({ centres, places }: Overlay, frame: Frame, point: number): boolean {
  if (point >= 0) return projectPoint(frame, places, point, at);
  const centre = centres[-1 - point];
  return centre !== undefined && project(frame, centre[0] ?? 0, centre[1] ?? 0, centre[2] ?? 0, at);
}
