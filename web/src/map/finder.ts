// What is asked of places: which is nearest, which lie in a lasso, which are seen. It runs in a worker.
import KDBush from "kdbush";
import { count, type Frame, inside, type Places, projectPoint, unproject, within } from "./projection";

export class Finder {
  private readonly index: KDBush | null;
  private readonly at = new Float64Array(3);

  constructor(private readonly places: Places) {
    this.index = places.columns === 2 && count(places) > 0 ? indexed(places) : null;
  }

  /** The point nearest to a pixel, at most `radius` pixels away; in space, the nearer to the eye wins a tie. */
  nearest(frame: Frame, x: number, y: number, radius: number): number | null {
    let best: number | null = null;
    let least = radius * radius;
    for (const point of this.near(frame, x - radius, y - radius, x + radius, y + radius)) {
      if (!projectPoint(frame, this.places, point, this.at)) continue;
      const away = (this.at[0]! - x) ** 2 + (this.at[1]! - y) ** 2;
      if (away < least || (away === least && best !== null && point < best)) {
        least = away;
        best = point;
      }
    }
    return best;
  }

  /** Bit i of byte j: whether point 8j+i lies in the polygon of pixels. */
  lasso(frame: Frame, polygon: ArrayLike<number>): Uint8Array<ArrayBuffer> {
    const mask = new Uint8Array(Math.ceil(count(this.places) / 8));
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < polygon.length; i += 2) {
      left = Math.min(left, polygon[i]!);
      right = Math.max(right, polygon[i]!);
      top = Math.min(top, polygon[i + 1]!);
      bottom = Math.max(bottom, polygon[i + 1]!);
    }
    for (const point of this.near(frame, left, top, right, bottom)) {
      if (!projectPoint(frame, this.places, point, this.at)) continue;
      if (within(polygon, this.at[0]!, this.at[1]!)) mask[point >> 3]! |= 1 << (point & 7);
    }
    return mask;
  }

  /** The first points that are on the screen: row order, so the most frequent ones. */
  visible(frame: Frame, limit: number): Uint32Array<ArrayBuffer> {
    const found: number[] = [];
    const n = count(this.places);
    for (let point = 0; point < n && found.length < limit; point += 1) {
      if (projectPoint(frame, this.places, point, this.at) && inside(frame, this.at)) found.push(point);
    }
    return Uint32Array.from(found);
  }

  private near(frame: Frame, left: number, top: number, right: number, bottom: number): Iterable<number> {
    if (!this.index) return everyPoint(count(this.places));
    const box = unproject(frame, left, top, right, bottom);
    return this.index.range(box.minX, box.minY, box.maxX, box.maxY);
  }
}

function indexed(places: Places): KDBush {
  const index = new KDBush(count(places), 64, Float32Array);
  const c = places.coordinates;
  for (let i = 0; i < c.length; i += 2) index.add(c[i]!, c[i + 1]!);
  return index.finish();
}

function* everyPoint(n: number): Generator<number> {
  for (let point = 0; point < n; point += 1) yield point;
}
