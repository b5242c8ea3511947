// Draws the points, when something changed and only then.
//
// Software renderers draw a million points in a second or so. While the map moves, a plane shows the last full picture,
// moved along, and a sample of the points where that does not reach; space shows a sample. Once it is still, all points are
// drawn, a part a frame, so that the page answers meanwhile.
import * as three from "three";
import { Budget } from "./budget";
import type { Cloud } from "./cloud";
import type { Eye } from "./eye";
import { Picture } from "./picture";

const STILL = 120; // milliseconds without a move

export class Scene {
  /** While it moves: 26 frames a second, so that the slowest few are still 20. */
  private moving = new Budget(38, 10_000);
  /** While it is still: the page may answer a little later then. */
  private filling = new Budget(80, 30_000);
  readonly ratio = Math.min(2, devicePixelRatio || 1);
  /** Called when what lies over the points is to be drawn. */
  onOver: () => void = () => {};
  /** Called after each frame. */
  onFrame: () => void = () => {};

  private readonly renderer: three.WebGLRenderer;
  private readonly picture: Picture;
  private cloud: Cloud | null = null;
  private eye: Eye | null = null;
  private width = 1;
  private height = 1;
  private loop = 0;
  private drawn = 0;
  private lastFrame = 0;
  private lastDrawn = 0;
  private lastBudget = this.moving;
  private lastMoved = 0;
  private moves = false;
  private preview = false;
  private over = false;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("webgl2", {
      antialias: false,
      alpha: true,
      depth: false,
      stencil: false,
      powerPreference: "high-performance",
    });
    // Asked for here, and not by three.js, which writes to the console first.
    if (!context) throw new Error("no WebGL2");
    this.renderer = new three.WebGLRenderer({ canvas, context, alpha: true, depth: false });
    this.renderer.autoClear = false;
    this.renderer.setPixelRatio(1);
    this.picture = new Picture(this.renderer);
  }

  show(cloud: Cloud, eye: Eye): void {
    this.cloud = cloud;
    this.eye = eye;
    this.filling = new Budget(80, Math.round(cloud.points / 30));
    this.picture.forget();
    this.invalidate();
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, Math.round(width * this.ratio));
    this.height = Math.max(1, Math.round(height * this.ratio));
    this.renderer.setSize(this.width, this.height, false);
    this.picture.resize(this.width, this.height);
    this.invalidate();
  }

  /** The eye moved. */
  moved(): void {
    this.lastMoved = performance.now();
    this.moves = true;
    this.drawn = 0;
    this.wake();
  }

  /** Colours or points changed: the last picture is of no use. */
  invalidate(): void {
    this.picture.forget();
    this.drawn = 0;
    this.wake();
  }

  /** Only what lies over the points changed. */
  refresh(): void {
    this.wake();
  }

  get complete(): boolean {
    return this.cloud !== null && this.drawn >= this.cloud.points;
  }

  /** Diameter of a point in CSS pixels. */
  get size(): number {
    if (!this.cloud || !this.eye) return 1;
    const room = (this.width * this.height) / this.ratio ** 2;
    const size =
      0.36 * Math.sqrt(room / Math.max(1, this.cloud.points)) * Math.max(1, this.eye.magnification) ** 0.3;
    return Math.min(this.eye.depth ? 7 : 8, Math.max(1, size));
  }

  /** All points at so many times the size of the window, from the top left: for a file. */
  pixels(times: number): ImageData {
    const [width, height] = [
      Math.round((this.width / this.ratio) * times),
      Math.round((this.height / this.ratio) * times),
    ];
    const target = new three.WebGLRenderTarget(width, height, { depthBuffer: true });
    const data = new Uint8Array(width * height * 4);
    if (this.cloud && this.eye) {
      this.renderer.setRenderTarget(target);
      this.renderer.clear();
      this.cloud.draw(
        this.renderer,
        this.eye.matrix,
        this.size * times,
        this.eye.depth,
        0,
        this.cloud.points,
      );
      this.renderer.readRenderTargetPixels(target, 0, 0, width, height, data);
      this.renderer.setRenderTarget(null);
    }
    target.dispose();
    return upright(data, width, height);
  }

  dispose(): void {
    cancelAnimationFrame(this.loop);
    this.cloud?.dispose();
    this.eye?.dispose();
    this.picture.dispose();
    this.renderer.dispose();
    // A browser has few contexts, and each map has one of its own.
    this.renderer.forceContextLoss();
  }

  private wake(): void {
    this.over = true;
    if (!this.loop) this.loop = requestAnimationFrame(this.step);
  }

  private readonly step = (now: number): void => {
    this.loop = 0;
    if (!this.cloud || !this.eye) return;
    if (this.lastFrame > 0 && this.lastDrawn > 0) this.lastBudget.learn(this.lastDrawn, now - this.lastFrame);
    this.lastDrawn = 0;
    const moving = performance.now() - this.lastMoved < STILL;
    if (this.moves) this.drawMoving();
    else if (!this.complete && !(moving && this.preview)) this.drawMore();
    this.moves = false;
    if (this.over) this.onOver();
    this.over = false;
    this.onFrame();
    if (this.complete && !moving) {
      this.lastFrame = 0;
      return;
    }
    this.lastFrame = now;
    this.loop = requestAnimationFrame(this.step);
  };

  private drawMoving(): void {
    const [cloud, eye] = [this.cloud!, this.eye!];
    const many = Math.min(cloud.points, this.moving.points);
    const useful = eye.depth === 0 && many < cloud.points;
    const covers = useful && this.picture.covers(eye.matrix);
    this.picture.begin();
    if (!covers) {
      this.draw(0, many, this.moving);
    }
    if (useful) this.picture.present(eye.matrix, true);
    else {
      this.picture.present(eye.matrix, false);
      this.drawn = many;
      if (this.complete) this.picture.keep(eye.matrix);
    }
    this.preview = useful;
  }

  private drawMore(): void {
    const [cloud, eye] = [this.cloud!, this.eye!];
    if (this.drawn === 0) this.picture.begin();
    const many = Math.min(cloud.points - this.drawn, this.filling.points);
    this.draw(this.drawn, many, this.filling);
    this.drawn += many;
    this.preview = false;
    if (this.complete) {
      this.picture.keep(eye.matrix);
      this.picture.present(eye.matrix, false);
    } else this.picture.present(eye.matrix, eye.depth === 0, true);
  }

  private draw(start: number, many: number, budget: Budget): void {
    this.lastDrawn = many;
    this.lastBudget = budget;
    const eye = this.eye!;
    this.picture.target();
    this.cloud!.draw(this.renderer, eye.matrix, this.size * this.ratio, eye.depth, start, many);
  }
}

function upright(data: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  for (let row = 0; row < height; row += 1) {
    const from = data.subarray((height - 1 - row) * width * 4, (height - row) * width * 4);
    image.data.set(from, row * width * 4);
  }
  // ImageData holds colours that opacity has not been multiplied into.
  for (let i = 0; i < image.data.length; i += 4) {
    const opacity = image.data[i + 3]! / 255;
    if (opacity > 0 && opacity < 1) for (let c = 0; c < 3; c += 1) image.data[i + c]! /= opacity;
  }
  return image;
}
