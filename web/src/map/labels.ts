// Which labels are written and where: the first come first, none overlaps another.

export interface Candidate {
  /** The point, or -1 - i for the name of cluster i. */
  readonly point: number;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Written around its place, not beside it. */
  readonly centred?: boolean;
}

export interface Placed {
  readonly point: number;
  readonly text: string;
  /** From the point to the left end and the middle of the text. */
  readonly dx: number;
  readonly dy: number;
}

const CELL = 48;
const GAP = 3;

/** The boxes that are taken, found by the cells that they touch. */
class Taken {
  private readonly cells = new Map<number, number[]>();
  private readonly boxes: number[] = [];

  /** Take a box if it is free. */
  take(left: number, top: number, right: number, bottom: number): boolean {
    if (!this.free(left, top, right, bottom)) return false;
    const box = this.boxes.length;
    this.boxes.push(left, top, right, bottom);
    this.each(left, top, right, bottom, (cell) => {
      const held = this.cells.get(cell);
      if (held) held.push(box);
      else this.cells.set(cell, [box]);
      return true;
    });
    return true;
  }

  private free(left: number, top: number, right: number, bottom: number): boolean {
    return this.each(left, top, right, bottom, (cell) =>
      (this.cells.get(cell) ?? []).every((box) => {
        const b = this.boxes;
        return right <= b[box]! || left >= b[box + 2]! || bottom <= b[box + 1]! || top >= b[box + 3]!;
      }),
    );
  }

  private each(
    left: number,
    top: number,
    right: number,
    bottom: number,
    ask: (cell: number) => boolean,
  ): boolean {
    for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row += 1)
      for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column += 1)
        if (!ask(row * 65_536 + column)) return false;
    return true;
  }
}

/**
 * Labels of places in a window; beside the point where there is room, else left of it, above or below. `marks` are
 * pixels, x0, y0, x1, y1, …, that nothing is written over.
 */
export function placed(
  candidates: readonly Candidate[],
  width: number,
  height: number,
  most: number,
  marks: readonly number[] = [],
): Placed[] {
  const taken = new Taken();
  for (let i = 0; i < marks.length; i += 2) {
    const [x, y] = [marks[i]!, marks[i + 1]!];
    taken.take(x - 5, y - 5, x + 5, y + 5);
  }
  const out: Placed[] = [];
  for (const { point, text, x, y, width: w, height: h, centred } of candidates) {
    if (out.length >= most) break;
    const away = 7;
    const places: [number, number][] = centred
      ? [[-w / 2, 0]]
      : [
          [away, 0],
          [-away - w, 0],
          [-w / 2, -h / 2 - away + 1],
          [-w / 2, h / 2 + away - 1],
        ];
    for (const [dx, dy] of places) {
      const [left, top] = [x + dx - GAP, y + dy - h / 2];
      const [right, bottom] = [left + w + 2 * GAP, top + h];
      if (left < 0 || top < 0 || right > width || bottom > height) continue;
      if (!taken.take(left, top, right, bottom)) continue;
      out.push({ point, text, dx, dy });
      break;
    }
  }
  return out;
}

/** Labels of places on a line: in lanes above it, the first come nearest to the line. */
export function inLanes(
  candidates: readonly Candidate[],
  width: number,
  axis: number,
  most: number,
): Placed[] {
  const height = 22;
  const lanes = Math.max(1, Math.floor((axis - 26) / height));
  const taken: [number, number][][] = Array.from({ length: lanes }, () => []);
  const out: Placed[] = [];
  for (const { point, text, x, y, width: w } of candidates) {
    if (out.length >= most) break;
    const left = Math.min(Math.max(4, x - w / 2), width - w - 4);
    if (x < 0 || x > width || left < 4) continue;
    const lane = taken.findIndex((boxes) => boxes.every(([from, to]) => left + w + 8 < from || left > to));
    if (lane < 0) continue;
    taken[lane]!.push([left, left + w + 8]);
    out.push({ point, text, dx: left - x, dy: axis - 24 - lane * height - y });
  }
  return out;
}

/** A key of at most so many characters, cut in the middle of nothing. */
export function cut(text: string, most = 28): string {
  if (text.length <= most) return text;
  const letters = [
    ...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text.slice(0, most * 8)),
  ];
  return letters.length <= most && text.length <= most * 8
    ? text
    : `${letters
        .slice(0, most - 1)
        .map((letter) => letter.segment)
        .join("")}…`;
}
