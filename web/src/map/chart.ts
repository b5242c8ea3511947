// The map on the screen: points, what lies over them, and what the pointer and the keys do there.
import { shown } from "../words";
import { Asking } from "./asking";
import { Cloud } from "./cloud";
import { type Dim, Eye, overview, type Standpoint } from "./eye";
import { type Candidate, cut, inLanes, placed } from "./labels";
import type { Names } from "./names";
import { axisAt, draw, type Inks, labelScript, type Overlay } from "./overlay";
import type { Palette } from "./palette";
import { CanvasPen } from "./pen";
import { Pointing } from "./pointing";
import { count, type Frame, inside, type Places, project, projectPoint } from "./projection";
import { Scene } from "./scene";

const LOOKED = 600; // points that a label is considered for
const SETTLED = 140;

export interface ChartEvents {
  onStand: (standpoint: Standpoint) => void;
  onHover: (point: number | null, x: number, y: number) => void;
  onPick: (point: number | null) => void;
  onLasso: (mask: Uint8Array<ArrayBuffer>) => void;
  /** The points whose labels are seen, the first the most frequent. */
  onLabels: (points: number[]) => void;
}

/** What is drawn. */
export interface Drawable {
  readonly places: Places;
  readonly dim: Dim;
  readonly names: Names;
}

export interface ClusterName {
  readonly text: string;
  readonly colour: string;
  readonly centre: readonly number[];
}

export class Chart {
  readonly eye: Eye;
  readonly scene: Scene;
  readonly overlay: Overlay;
  readonly asking: Asking;
  readonly cloud: Cloud;
  labelled = true;
  readonly dim: Dim;
  private readonly places: Places;
  private readonly names: Names;
  private readonly pointing: Pointing;
  private readonly pen: CanvasPen;
  private readonly resizing: ResizeObserver;
  private mask: Uint8Array | null = null;
  private clusterNames: readonly ClusterName[] = [];
  private width = 1;
  private height = 1;
  private settling = 0;
  private writing = 0;
  private stood = false;
  private readonly at = new Float64Array(3);

  constructor(
    private readonly host: HTMLElement,
    private readonly top: HTMLCanvasElement,
    points: HTMLCanvasElement,
    { places, dim, names }: Drawable,
    inks: Inks,
    standpoint: Standpoint | null,
    private readonly events: ChartEvents,
  ) {
    this.places = places;
    this.names = names;
    this.dim = dim;
    const context = top.getContext("2d");
    if (!context) throw new Error("no canvas");
    this.pen = new CanvasPen(context);
    const bounding = bounds(places);
    this.overlay = {
      dim,
      places,
      box: bounding,
      inks,
      contours: [],
      arrows: [],
      poles: null,
      found: null,
      neighbours: [],
      hovered: null,
      chosen: null,
      lasso: [],
      labels: [],
      centres: [],
      clusterColours: [],
    };
    this.scene = new Scene(points);
    this.asking = new Asking(places);
    this.cloud = new Cloud(places);
    // Before the eye: what these take, it does not see.
    this.pointing = new Pointing(host, this, events);
    const box = host.getBoundingClientRect();
    const whole = overview(dim, bounding, box.width, box.height);
    this.eye = new Eye(host, dim, whole, () => this.moved());
    this.scene.onOver = () => this.paint();
    this.scene.onFrame = () => {
      host.dataset["drawn"] = this.scene.complete ? "all" : "part";
    };
    this.scene.show(this.cloud, this.eye);
    if (standpoint) this.eye.stand(standpoint);
    this.stood = true;
    this.resizing = new ResizeObserver(() => this.fit());
    this.resizing.observe(host);
    this.fit();
  }

  colour(tones: Uint8Array, palette: Palette): void {
    this.cloud.colour(tones, palette);
    this.scene.invalidate();
  }

  repaint(palette: Palette): void {
    this.cloud.repaint(palette);
    this.scene.invalidate();
  }

  choose(mask: Uint8Array | null): void {
    this.cloud.choose(mask);
    this.mask = mask;
    this.scene.invalidate();
    this.settle();
  }

  nameClusters(names: readonly ClusterName[]): void {
    this.clusterNames = names;
    this.overlay.centres = names.map((name) => name.centre);
    this.overlay.clusterColours = names.map((name) => name.colour);
    this.settle();
  }

  /** Whether dragging draws a lasso. */
  lasso(on: boolean): void {
    this.pointing.lassoing = on;
  }

  /** Something over the points changed, labels perhaps too. */
  refresh(labels = false): void {
    this.scene.refresh();
    if (labels) this.settle();
  }

  flyTo(point: number, larger: number): void {
    const { coordinates, columns } = this.places;
    const at = point * columns;
    const z = columns === 3 ? coordinates[at + 2]! : 0;
    this.eye.fly(this.eye.before([coordinates[at]!, coordinates[at + 1]!, z], larger));
  }

  /** Fly so that these points are all seen. */
  flyAround(points: readonly number[]): void {
    const [first] = points;
    if (first === undefined) return;
    const { coordinates: c, columns } = this.places;
    let far = 0;
    for (const point of points)
      for (let i = 0; i < (this.dim === 1 ? 1 : columns); i += 1)
        far = Math.max(far, Math.abs(c[point * columns + i]! - c[first * columns + i]!));
    this.flyTo(first, Math.min(60, Math.max(1.5, 0.7 / Math.max(far, 0.002))));
  }

  dispose(): void {
    clearTimeout(this.settling);
    this.resizing.disconnect();
    this.pointing.dispose();
    this.asking.close();
    this.scene.dispose();
  }

  private fit(): void {
    const box = this.host.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return;
    this.width = box.width;
    this.height = box.height;
    const { ratio } = this.scene;
    this.top.width = Math.round(box.width * ratio);
    this.top.height = Math.round(box.height * ratio);
    this.scene.resize(box.width, box.height);
    this.stood = false;
    this.eye.resize(box.width, box.height);
    this.stood = true;
    this.settle();
  }

  private moved(): void {
    if (!this.eye) return; // still being made
    this.scene.moved();
    this.settle();
  }

  /** When it has been still for a moment: labels anew, and the address. */
  private settle(): void {
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => {
      void this.relabel();
      if (this.stood) this.events.onStand(this.eye.standpoint);
    }, SETTLED);
  }

  private paint(): void {
    const { context } = this.pen;
    const { ratio } = this.scene;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    draw(this.overlay, this.eye.frame, this.pen, this.scene.size / 2);
  }

  private async relabel(): Promise<void> {
    this.writing += 1;
    const turn = this.writing;
    const { overlay } = this;
    const frame = this.eye.frame;
    // Copied: it goes to the worker, and the eye may move on.
    const still = { ...frame, matrix: Float64Array.from(frame.matrix) };
    const first = [
      overlay.found,
      overlay.chosen,
      ...overlay.arrows.flatMap((arrow) => [arrow.from, arrow.to]),
    ]
      .concat(overlay.neighbours)
      .filter((point): point is number => point !== null);
    const seen = this.labelled ? await this.seen(still) : [];
    const { mask } = this;
    // Those that step aside have no labels.
    const lit = seen.filter((point) => mask === null || (mask[point >> 3]! >> (point & 7)) & 1);
    const points = [...new Set([...first, ...lit])];
    // What is not known yet is written when the server has said it, or not at all.
    await this.names.need(points).catch(() => {});
    if (turn !== this.writing) return;
    const candidates = points.flatMap((point) => this.candidate(point, still) ?? []);
    const most = Math.round((this.width * this.height) / 7_000) + first.length;
    const marks = [overlay.found, overlay.chosen, ...overlay.neighbours].flatMap((point) =>
      point !== null && projectPoint(still, this.places, point, this.at) ? [this.at[0]!, this.at[1]!] : [],
    );
    const [width, height] = [this.width, this.height];
    if (this.dim === 1) overlay.labels = inLanes(candidates, width, axisAt(still), most);
    else {
      const pinned = candidates.filter((label) => first.includes(label.point));
      const others = candidates.filter((label) => !first.includes(label.point));
      const all = [...pinned, ...this.clusterLabels(still), ...others];
      overlay.labels = placed(all, width, height, most, marks);
    }
    this.events.onLabels(overlay.labels.map((label) => label.point).filter((point) => point >= 0));
    this.scene.refresh();
  }

  /** The most frequent points on the screen: looked for here while the first ones will do. */
  private async seen(frame: Frame): Promise<number[]> {
    const found: number[] = [];
    const most = Math.min(4_000, count(this.places));
    for (let point = 0; point < most && found.length < LOOKED; point += 1)
      if (projectPoint(frame, this.places, point, this.at) && inside(frame, this.at)) found.push(point);
    if (found.length >= LOOKED / 2 || most === count(this.places)) return found;
    return [...(await this.asking.visible(frame, LOOKED))];
  }

  private candidate(point: number, frame: Frame): Candidate | null {
    const key = this.names.get(point);
    if (key === undefined || !projectPoint(frame, this.places, point, this.at)) return null;
    const script = labelScript(point, this.overlay);
    const text = cut(shown(key));
    const [x, y] = [this.at[0]!, this.at[1]!];
    return { point, text, x, y, width: this.pen.width(text, script), height: script.size + 4 };
  }

  private clusterLabels(frame: Frame): Candidate[] {
    return this.clusterNames.flatMap(({ text, centre }, i) => {
      if (!project(frame, centre[0] ?? 0, centre[1] ?? 0, centre[2] ?? 0, this.at) || !inside(frame, this.at))
        return [];
      const width = this.pen.width(text, labelScript(-1 - i, this.overlay));
      return { point: -1 - i, text, x: this.at[0]!, y: this.at[1]!, width, height: 20, centred: true };
    });
  }
}

/** The least and the largest of each coordinate. */
function bounds({ coordinates, columns }: Places): [number[], number[]] {
  const low = new Array<number>(columns).fill(Number.POSITIVE_INFINITY);
  const high = new Array<number>(columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < coordinates.length; i += columns)
    for (let axis = 0; axis < columns; axis += 1) {
      const value = coordinates[i + axis]!;
      if (value < low[axis]!) low[axis] = value;
      if (value > high[axis]!) high[axis] = value;
    }
  return [low, high];
}
