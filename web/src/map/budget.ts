const AIM = 38; // milliseconds a frame: 26 a second, so that the slowest few are still 20
const LEAST = 4_000;

/** How many points one frame may draw, learnt from how long frames took. */
export class Budget {
  points = 60_000;

  /** A frame of `drawn` points took so many milliseconds. */
  learn(drawn: number, took: number): void {
    // A frame that drew less than it might says nothing against drawing more; a pause says nothing at all.
    if (took > 1_000 || (drawn < this.points * 0.9 && took <= AIM)) return;
    const change = Math.min(1.5, Math.max(0.6, AIM / Math.max(took, 1)));
    this.points = Math.max(LEAST, Math.round(this.points * change));
  }
}
