// What the pointer and the keys do on the map: point at, pick, draw a lasso, move.
import type { Chart, ChartEvents } from "./chart";

const NEAR = 10; // pixels
const STEP = 60;

export class Pointing {
  /** The button is pressed: dragging draws a lasso. */
  lassoing = false;
  private readonly stop = new AbortController();
  private drawing: number[] | null = null;
  private down: [number, number] | null = null;
  private asked = false;
  private wanted: [number, number] | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly chart: Chart,
    private readonly events: ChartEvents,
  ) {
    const on = { signal: this.stop.signal };
    const first = { ...on, capture: true };
    host.addEventListener("pointerdown", (event) => this.press(event), first);
    host.addEventListener("pointermove", (event) => this.move(event), first);
    host.addEventListener("pointerup", (event) => this.release(event), first);
    host.addEventListener("pointercancel", () => this.drop(), on);
    host.addEventListener("pointerleave", () => this.leave(), on);
    host.addEventListener("keydown", (event) => this.key(event), on);
  }

  dispose(): void {
    this.stop.abort();
  }

  private place(event: PointerEvent): [number, number] {
    const box = this.host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0 || !event.isPrimary) return;
    this.down = this.place(event);
    if (!event.shiftKey && !this.lassoing) return;
    // The eye listens to the same element, and would move the map.
    event.stopImmediatePropagation();
    event.preventDefault();
    this.host.setPointerCapture(event.pointerId);
    this.host.focus({ preventScroll: true });
    this.drawing = [...this.down];
  }

  private move(event: PointerEvent): void {
    const [x, y] = this.place(event);
    if (this.drawing) {
      event.stopImmediatePropagation();
      const [lastX = 0, lastY = 0] = this.drawing.slice(-2);
      if (Math.hypot(x - lastX, y - lastY) < 3) return;
      this.drawing.push(x, y);
      this.chart.overlay.lasso = this.drawing;
      this.chart.refresh();
    } else if (event.buttons === 0) void this.look(x, y);
    else this.point(null, x, y);
  }

  private release(event: PointerEvent): void {
    const [x, y] = this.place(event);
    const lasso = this.drawing;
    const still = this.down !== null && Math.hypot(x - this.down[0], y - this.down[1]) < 4;
    this.drop();
    if (lasso && lasso.length >= 6) {
      event.stopImmediatePropagation();
      void this.chart.asking.lasso(this.frame(), lasso).then((mask) => this.events.onLasso(mask));
    } else if (still && event.button === 0) {
      const radius = event.pointerType === "touch" ? 2 * NEAR : NEAR;
      void this.chart.asking.nearest(this.frame(), x, y, radius).then((point) => this.events.onPick(point));
    }
  }

  private drop(): void {
    this.drawing = null;
    this.down = null;
    this.chart.overlay.lasso = [];
    this.chart.refresh();
  }

  private leave(): void {
    this.wanted = null;
    this.point(null, 0, 0);
  }

  /** One question at a time: the last place asked for is asked next. */
  private async look(x: number, y: number): Promise<void> {
    this.wanted = [x, y];
    if (this.asked) return;
    this.asked = true;
    while (this.wanted) {
      const [atX, atY]: [number, number] = this.wanted;
      const found = await this.chart.asking.nearest(this.frame(), atX, atY, NEAR);
      if (this.wanted && this.wanted[0] === atX && this.wanted[1] === atY) this.wanted = null;
      this.point(found, atX, atY);
    }
    this.asked = false;
  }

  private point(point: number | null, x: number, y: number): void {
    if (this.chart.overlay.hovered === point) return;
    this.chart.overlay.hovered = point;
    this.chart.refresh();
    this.events.onHover(point, x, y);
  }

  private frame() {
    const frame = this.chart.eye.frame;
    return { ...frame, matrix: Float64Array.from(frame.matrix) };
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.host || event.ctrlKey || event.metaKey || event.altKey) return;
    const { eye } = this.chart;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => eye.push(-STEP, 0),
      ArrowRight: () => eye.push(STEP, 0),
      ArrowUp: () => eye.push(0, -STEP),
      ArrowDown: () => eye.push(0, STEP),
      "+": () => eye.magnify(1.3),
      "=": () => eye.magnify(1.3),
      "-": () => eye.magnify(1 / 1.3),
      "0": () => eye.goWhole(),
      n: () => this.next(1),
      p: () => this.next(-1),
      Enter: () => this.events.onPick(this.chart.overlay.chosen),
      Escape: () => {
        this.drop();
        this.events.onPick(null);
      },
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Choose the next of the points whose labels are seen. */
  private next(step: number): void {
    const { overlay } = this.chart;
    const points = overlay.labels.map((label) => label.point).filter((point) => point >= 0);
    if (points.length === 0) return;
    const now = overlay.chosen === null ? -1 : points.indexOf(overlay.chosen);
    const next = points[(now + step + points.length + (now < 0 && step < 0 ? 1 : 0)) % points.length];
    if (next !== undefined) this.events.onPick(next);
  }
}
