/** How many points one frame may draw, learnt from how long frames took. */
export class Budget {
  points: number;

  constructor(
    /** Milliseconds that a frame should take. */
    private readonly aim: number,
    /** Below this, fewer points would not help: a frame has costs of its own. */
    private readonly least: number,
  ) {
    this.points = Math.max(60_000, least);
  }

  /** A frame of `drawn` points took so many milliseconds. */
  learn(drawn: number, took: number): void {
    // A frame that drew less than it might says nothing against drawing more; a pause says nothing at all.
    if (took > 1_000 || (drawn < this.points * 0.9 && took <= this.aim)) return;
    const change = Math.min(1.5, Math.max(0.6, this.aim / Math.max(took, 1)));
    this.points = Math.max(this.least, Math.round(this.points * change));
  }
}
