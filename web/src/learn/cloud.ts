// Points that move from one frame to the next, and which of them are named.
import type { Frame, Point } from "./run";
import type { Size } from "./size";

export interface Label {
  index: number;
  text: string;
  width: number;
}

const inset = 24; // pixels between the outermost points and the edge
const crowd = 0.99; // of the points lie inside the picture; a few stray far
const duration = 900; // milliseconds; a frame comes each second
const line = 15; // pixels that a label is high

/** Where the points are while they move. */
export class Cloud {
  keys: readonly string[] = [];
  x = new Float32Array();
  y = new Float32Array();
  /** Pixels a unit. */
  scale = 0;
  private from: { x: Float32Array; y: Float32Array; scale: number } | null = null;
  private to: { x: Float32Array; y: Float32Array; scale: number } | null = null;
  private since = 0;

  /** Begin to move to a frame; at once where nothing may move. */
  head(frame: Frame, size: Size, now: number, still: boolean): void {
    const x = Float32Array.from(frame.points, (point) => point[0]);
    const y = Float32Array.from(frame.points, (point) => point[1]);
    const scale = fitting(frame.points, size);
    const fresh = this.keys !== frame.keys || this.x.length !== x.length;
    this.keys = frame.keys;
    this.to = { x, y, scale };
    this.since = now;
    if (fresh || still || this.scale === 0) {
      [this.x, this.y, this.scale] = [x.slice(), y.slice(), scale];
      this.from = null;
    } else this.from = { x: this.x.slice(), y: this.y.slice(), scale: this.scale };
  }

  /** Move on; whether there is more to come. */
  move(now: number): boolean {
    if (!this.from || !this.to) return false;
    const share = Math.min(1, (now - this.since) / duration);
    const eased = share * share * (3 - 2 * share);
    const between = (a: number, b: number) => a + (b - a) * eased;
    for (let i = 0; i < this.x.length; i++) {
      this.x[i] = between(this.from.x[i] ?? 0, this.to.x[i] ?? 0);
      this.y[i] = between(this.from.y[i] ?? 0, this.to.y[i] ?? 0);
    }
    this.scale = between(this.from.scale, this.to.scale);
    if (share === 1) this.from = null;
    return share < 1;
  }

  /** Where a point is going, in pixels. */
  goal(index: number, size: Size): Point {
    const to = this.to;
    if (!to) return [0, 0];
    return [size.width / 2 + (to.x[index] ?? 0) * to.scale, size.height / 2 - (to.y[index] ?? 0) * to.scale];
  }

  /** Where a point is, in pixels. */
  at(index: number, size: Size): Point {
    return [
      size.width / 2 + (this.x[index] ?? 0) * this.scale,
      size.height / 2 - (this.y[index] ?? 0) * this.scale,
    ];
  }

  /** The point under the pointer. */
  under(x: number, y: number, size: Size): number | null {
    let best: number | null = null;
    let nearest = 12 ** 2;
    for (let i = 0; i < this.x.length; i++) {
      const [px, py] = this.at(i, size);
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < nearest) [best, nearest] = [i, distance];
    }
    return best;
  }
}

interface Box {
  left: number;
  right: number;
  y: number;
}

const covers = (taken: readonly Box[], { left, right, y }: Box): boolean =>
  taken.some((one) => one.left < right && left < one.right && Math.abs(one.y - y) < line);

/** Which labels cover no earlier one while they move. */
export function uncovered(named: readonly Label[], cloud: Cloud, size: Size): Set<number> {
  const taken: Box[] = [];
  const found = new Set<number>();
  for (const { index, width } of named) {
    const [x, y] = cloud.at(index, size);
    const box = { left: x - 4, right: x + 8 + width, y };
    if (covers(taken, box)) continue;
    taken.push(box);
    found.add(index);
  }
  return found;
}

/** Pixels a unit, so that nearly all points are inside. */
export function fitting(points: readonly Point[], { width, height }: Size): number {
  const reach = (axis: 0 | 1) => {
    const sorted = points.map((point) => Math.abs(point[axis])).sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) * crowd)] || 1;
  };
  return Math.min((width / 2 - inset) / reach(0), (height / 2 - inset) / reach(1));
}

/**
 * Which points are named where they are going: those that were named before they moved, then the most frequent,
 * as many as do not cover each other.
 */
export function labels(
  cloud: Cloud,
  size: Size,
  before: ReadonlySet<number>,
  most: number,
  widthOf: (text: string) => number,
  textOf: (key: string) => string,
): Label[] {
  const taken: Box[] = [];
  const found: Label[] = [];
  const order = [...before, ...cloud.keys.keys()];
  const seen = new Set<number>();
  for (const index of order) {
    if (found.length >= most) break;
    const key = cloud.keys[index];
    if (key === undefined || seen.has(index)) continue;
    seen.add(index);
    const [x, y] = cloud.goal(index, size);
    const text = textOf(key);
    const width = widthOf(text);
    const box = { left: x - 4, right: x + 8 + width, y };
    if (box.left < 0 || box.right > size.width || y < line || y > size.height - line) continue;
    if (covers(taken, box)) continue;
    taken.push(box);
    found.push({ index, text, width });
  }
  return found;
}
