// From coordinates to pixels of the window, by the matrix that the shader uses too.

/** 16 numbers, column after column: coordinates to clip space. */
export type Matrix = ArrayLike<number>;

export interface Frame {
  readonly matrix: Matrix;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Points as they lie in memory: `columns` numbers a point. */
export interface Places {
  readonly coordinates: Float32Array;
  readonly columns: 2 | 3;
}

export const count = (places: Places): number => places.coordinates.length / places.columns;

/** Where a place is drawn: x and y in pixels, and depth; false where it lies behind the eye. */
export function project(frame: Frame, x: number, y: number, z: number, out: Float64Array): boolean {
  const m = frame.matrix as number[];
  const w = m[3]! * x + m[7]! * y + m[11]! * z + m[15]!;
  if (w <= 0) return false;
  out[0] = (((m[0]! * x + m[4]! * y + m[8]! * z + m[12]!) / w + 1) / 2) * frame.width;
  out[1] = ((1 - (m[1]! * x + m[5]! * y + m[9]! * z + m[13]!) / w) / 2) * frame.height;
  out[2] = w;
  return true;
}

export function projectPoint(frame: Frame, places: Places, point: number, out: Float64Array): boolean {
  const at = point * places.columns;
  const c = places.coordinates;
  return project(frame, c[at]!, c[at + 1]!, places.columns === 3 ? c[at + 2]! : 0, out);
}

export const inside = (frame: Frame, at: Float64Array, margin = 0): boolean =>
  at[0]! >= -margin && at[0]! <= frame.width + margin && at[1]! >= -margin && at[1]! <= frame.height + margin;

/** The box of the plane behind a box of pixels: only for a plane (no turning). */
export function unproject(frame: Frame, left: number, top: number, right: number, bottom: number) {
  const m = frame.matrix as number[];
  const x = (pixel: number) => ((pixel / frame.width) * 2 - 1 - m[12]!) / m[0]!;
  const y = (pixel: number) => (1 - (pixel / frame.height) * 2 - m[13]!) / m[5]!;
  return { minX: x(left), minY: y(bottom), maxX: x(right), maxY: y(top) };
}

/** Whether a pixel lies in a polygon, given as x0, y0, x1, y1, … (even and odd crossings). */
export function within(polygon: ArrayLike<number>, x: number, y: number): boolean {
  let odd = false;
  const n = polygon.length;
  for (let i = 0, j = n - 2; i < n; j = i, i += 2) {
    const xi = polygon[i]!;
    const yi = polygon[i + 1]!;
    const xj = polygon[j]!;
    const yj = polygon[j + 1]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}
