// Drawing one of two linked planes: which point is where, which is under the pointer, which names fit.
import { colour } from "../theme";
import { shown } from "../words";

export type Point = readonly [number, number];

export interface Plane {
  readonly keys: readonly string[];
  readonly points: readonly Point[];
  /** How much each point changed among the others, 0…1. */
  readonly change: readonly number[];
  /** What both planes lie in: they are drawn to one scale. */
  readonly frame: Frame;
}

export interface Frame {
  readonly middle: Point;
  /** Half of the width and of the height. */
  readonly half: Point;
}

const edge = 28; // pixels around the points, for their names
const near = 12; // pixels from a point that still mean it
const candidates = 300; // keys that may be named, the most frequent first
const named = 48; // at most: more hide the points

export function frame(...sides: readonly (readonly Point[])[]): Frame {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const point of sides.flat()) {
    for (const axis of [0, 1] as const) {
      low[axis] = Math.min(low[axis]!, point[axis]);
      high[axis] = Math.max(high[axis]!, point[axis]);
    }
  }
  const [left = 0, bottom = 0] = low;
  const [right = 0, top = 0] = high;
  return {
    middle: [(left + right) / 2, (bottom + top) / 2],
    half: [Math.max((right - left) / 2, 1e-9), Math.max((top - bottom) / 2, 1e-9)],
  };
}

/**
 * How much each key changed, 0…1, as its place among the others; equal ones share the middle of their places.
 * Of two embeddings that agree in little, still some keys stand out.
 */
export function changes(jaccard: readonly (number | null)[]): number[] {
  const known = jaccard.filter((one) => one !== null).toSorted((a, b) => b - a);
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  known.forEach((one, index) => {
    if (!first.has(one)) first.set(one, index);
    last.set(one, index);
  });
  const most = Math.max(known.length - 1, 1);
  return jaccard.map((one) => (one === null ? 0 : (first.get(one)! + last.get(one)!) / 2 / most));
}

/** From a plane to the pixels of a canvas of this size. */
export function placing(plane: Plane, width: number, height: number): (point: Point) => [number, number] {
  const { middle, half } = plane.frame;
  const scale = Math.min(Math.max(1, width / 2 - edge) / half[0], Math.max(1, height / 2 - edge) / half[1]);
  return ([x, y]) => [width / 2 + (x - middle[0]) * scale, height / 2 - (y - middle[1]) * scale];
}

export function pointAt(plane: Plane, width: number, height: number, x: number, y: number): number | null {
  const place = placing(plane, width, height);
  let best: number | null = null;
  let least = near * near;
  plane.points.forEach((point, index) => {
    const [px, py] = place(point);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) {
      least = distance;
      best = index;
    }
  });
  return best;
}

interface Drawing {
  readonly pen: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** The key that was chosen and the one under the pointer, as numbers of points. */
  readonly chosen: number | null;
  readonly hovered: number | null;
  /** Where the other plane has the one that stands out: an arrow leads from there. */
  readonly from: Point | null;
}

export function draw(plane: Plane, { pen, width, height, chosen, hovered, from }: Drawing): void {
  const place = placing(plane, width, height);
  const dot = colour("--dot");
  const accent = colour("--accent");
  pen.clearRect(0, 0, width, height);
  plane.points.forEach((point, index) => {
    const [x, y] = place(point);
    pen.globalAlpha = 0.75;
    circle(pen, x, y, 2.2, dot);
    // Only the half that changed more reddens: otherwise the whole plane blushes.
    pen.globalAlpha = Math.max(0, (plane.change[index] ?? 0) - 0.5) * 1.8;
    if (pen.globalAlpha > 0) circle(pen, x, y, 2.2, accent);
  });
  pen.globalAlpha = 1;

  const outstanding = hovered ?? chosen;
  if (outstanding !== null && from) arrow(pen, place(from), place(plane.points[outstanding] ?? from), accent);
  const names = new Names(pen, width, height);
  for (const index of [hovered, chosen]) {
    const point = index === null ? undefined : plane.points[index];
    if (index === null || !point) continue;
    const [x, y] = place(point);
    circle(pen, x, y, 5, accent);
    names.write(plane.keys[index] ?? "", x, y, colour("--accent"), true);
  }
  for (let index = 0; index < Math.min(candidates, plane.keys.length) && names.count < named; index += 1) {
    const point = plane.points[index];
    if (!point || index === chosen || index === hovered) continue;
    const [x, y] = place(point);
    names.write(plane.keys[index] ?? "", x, y, colour("--ink"), false);
  }
}

function circle(pen: CanvasRenderingContext2D, x: number, y: number, radius: number, fill: string): void {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function arrow(
  pen: CanvasRenderingContext2D,
  from: [number, number],
  to: [number, number],
  stroke: string,
): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length < 10) return;
  const [ux, uy] = [dx / length, dy / length];
  const end = [to[0] - ux * 6, to[1] - uy * 6] as const;
  pen.strokeStyle = stroke;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(from[0], from[1], 4, 0, 2 * Math.PI);
  pen.moveTo(from[0] + ux * 4, from[1] + uy * 4);
  pen.lineTo(end[0], end[1]);
  for (const side of [-1, 1]) {
    pen.moveTo(end[0], end[1]);
    pen.lineTo(end[0] - ux * 7 + side * uy * 4, end[1] - uy * 7 - side * ux * 4);
  }
  pen.stroke();
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Writes names where no other is yet; the first ones have the choice. */
class Names {
  private readonly taken: Box[] = [];
  private readonly font = getComputedStyle(document.body).fontFamily;

  constructor(
    private readonly pen: CanvasRenderingContext2D,
    private readonly width: number,
    private readonly height: number,
  ) {}

  get count(): number {
    return this.taken.length;
  }

  write(key: string, x: number, y: number, fill: string, always: boolean): void {
    const { pen } = this;
    const letters = [...shown(key)];
    const text = letters.length > 24 ? `${letters.slice(0, 23).join("")}…` : letters.join("");
    pen.font = `${always ? 600 : 400} ${always ? 14 : 12}px ${this.font}`;
    const wide = pen.measureText(text).width;
    const left = x + 8 + wide > this.width - 2 ? x - 8 - wide : x + 8;
    const middle = Math.min(this.height - 10, Math.max(10, y));
    const box: Box = [left - 2, middle - 8, left + wide + 2, middle + 8];
    const free = this.taken.every(
      (one) => box[2] < one[0] || box[0] > one[2] || box[3] < one[1] || box[1] > one[3],
    );
    if (!always && !free) return;
    this.taken.push(box);
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = colour("--halo");
    pen.strokeText(text, left, middle);
    pen.fillStyle = fill;
    pen.fillText(text, left, middle);
  }
}
