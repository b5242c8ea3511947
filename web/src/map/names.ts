// The keys of points, asked for when they are to be shown.
import { api } from "../api";

const MOST = 2_000; // keys in one question

export class Names {
  private readonly keys = new Map<number, string>();
  private readonly counts = new Map<number, number>();

  constructor(
    private readonly name: string,
    first: readonly string[],
  ) {
    first.forEach((key, point) => {
      this.keys.set(point, key);
    });
  }

  get(point: number): string | undefined {
    return this.keys.get(point);
  }

  count(point: number): number | undefined {
    return this.counts.get(point);
  }

  know(point: number, key: string): void {
    this.keys.set(point, key);
  }

  /** Ask the server for those that are not known; points are rows of the embedding. */
  async need(points: Iterable<number>, counted = false): Promise<void> {
    const rows = [...points]
      .filter((point) => !(counted ? this.counts : this.keys).has(point))
      .slice(0, MOST);
    if (rows.length === 0) return;
    const { keys, counts } = await api.keys(this.name, rows);
    rows.forEach((row, i) => {
      this.keys.set(row, keys[i] ?? "");
      if (counts) this.counts.set(row, counts[i] ?? 0);
    });
  }
}
