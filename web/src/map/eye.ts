// From where the map is seen: a plane is moved and magnified, space is turned.
import * as three from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import type { Frame } from "./projection";

export type Dim = 1 | 2 | 3;

/** Plane: x, y, magnification (1: the shorter side of the window spans -1…1). Space: x, y, z of the centre, two angles, distance. */
export type Standpoint = readonly number[];

/** Where the points of a line are, in clip space: the middle of their cloud and its half height. */
const BAND = { middle: -0.4, half: 0.42 } as const;
const FLIGHT = 700;
const FAR = 3.4;

export class Eye {
  readonly matrix = new three.Matrix4();
  private readonly plane = new three.OrthographicCamera(-1, 1, 1, -1, 0, 100);
  private readonly space = new three.PerspectiveCamera(40, 1, 0.01, 100);
  private readonly controls: OrbitControls;
  private readonly flat: boolean;
  private width = 1;
  private height = 1;
  private flight = 0;
  private quiet = false;

  constructor(
    element: HTMLElement,
    private readonly dim: Dim,
    private readonly whole: Standpoint,
    private readonly moved: () => void,
  ) {
    this.flat = dim < 3;
    this.controls = new OrbitControls(this.flat ? this.plane : this.space, element);
    this.controls.zoomToCursor = true;
    this.controls.minZoom = 0.3;
    this.controls.maxZoom = 5_000;
    this.controls.minDistance = 0.02;
    this.controls.maxDistance = 20;
    this.controls.zoomSpeed = 2;
    if (this.flat) {
      this.controls.enableRotate = false;
      this.controls.mouseButtons = {
        LEFT: three.MOUSE.PAN,
        MIDDLE: three.MOUSE.DOLLY,
        RIGHT: three.MOUSE.PAN,
      };
      this.controls.touches = { ONE: three.TOUCH.PAN, TWO: three.TOUCH.DOLLY_PAN };
    }
    this.controls.addEventListener("start", () => this.land());
    this.controls.addEventListener("change", () => this.changed());
    this.stand(whole);
  }

  get frame(): Frame {
    return { matrix: this.matrix.elements, width: this.width, height: this.height };
  }

  /** The distance to the centre where nearer points are larger, else 0. */
  get depth(): number {
    return this.flat ? 0 : this.space.position.distanceTo(this.controls.target);
  }

  /** How much larger things are than when the whole map is seen. */
  get magnification(): number {
    return this.flat ? this.plane.zoom / (this.whole[2] ?? 1) : (this.whole[5] ?? FAR) / this.depth;
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    const aspect = this.width / this.height;
    const wide = this.dim === 1 ? 1 : Math.max(1, aspect);
    this.plane.left = -wide;
    this.plane.right = wide;
    this.plane.top = this.dim === 1 ? 1 : Math.max(1, 1 / aspect);
    this.plane.bottom = -this.plane.top;
    this.space.aspect = aspect;
    // A tall window sees the same width as a square one.
    this.space.fov = aspect >= 1 ? 40 : (360 / Math.PI) * Math.atan(Math.tan(Math.PI / 9) / aspect);
    this.plane.updateProjectionMatrix();
    this.space.updateProjectionMatrix();
    this.changed();
  }

  get standpoint(): Standpoint {
    const { target } = this.controls;
    if (this.flat) return [target.x, target.y, this.plane.zoom];
    const ball = new three.Spherical().setFromVector3(this.space.position.clone().sub(target));
    return [target.x, target.y, target.z, ball.theta, ball.phi, ball.radius];
  }

  stand(point: Standpoint): void {
    this.quiet = true;
    const [x = 0, y = 0, third = 1, theta = 0, phi = 1.2, radius = FAR] = point;
    if (this.flat) {
      this.controls.target.set(x, y, 0);
      this.plane.position.set(x, y, 10);
      this.plane.zoom = third;
      this.plane.updateProjectionMatrix();
    } else {
      this.controls.target.set(x, y, third);
      const ball = new three.Spherical(radius, Math.min(Math.PI - 0.01, Math.max(0.01, phi)), theta);
      this.space.position.setFromSpherical(ball).add(this.controls.target);
    }
    this.controls.update();
    this.quiet = false;
    this.changed();
  }

  /** Go there in a smooth move; at once for readers who asked for less motion. */
  fly(to: Standpoint): void {
    this.land();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.stand(to);
      return;
    }
    const from = this.standpoint;
    const began = performance.now();
    const step = (now: number) => {
      const share = Math.min(1, Math.max(0, (now - began) / FLIGHT));
      this.stand(share < 1 ? between(from, to, share * share * (3 - 2 * share), this.flat) : to);
      this.flight = share < 1 ? requestAnimationFrame(step) : 0;
    };
    this.flight = requestAnimationFrame(step);
  }

  /** Where one stands to see a place, so much larger than on the whole map at least. */
  before(place: readonly [number, number, number], larger: number): Standpoint {
    const now = this.standpoint;
    const [x, y, z] = place;
    if (this.dim === 1) return [x, 0, Math.max(this.plane.zoom, larger * (this.whole[2] ?? 1))];
    if (this.flat) return [x, y, Math.max(this.plane.zoom, larger * (this.whole[2] ?? 1))];
    return [x, y, z, now[3] ?? 0, now[4] ?? 1.2, Math.min(this.depth, (this.whole[5] ?? FAR) / larger)];
  }

  goWhole(): void {
    this.fly(this.whole);
  }

  /** Move by pixels; in space, turn. */
  push(right: number, down: number): void {
    this.land();
    const now = this.standpoint;
    if (this.flat) {
      const pixel = (this.plane.right - this.plane.left) / this.plane.zoom / this.width;
      this.stand([now[0]! + right * pixel, now[1]! - down * pixel, now[2]!]);
    } else {
      this.stand([...now.slice(0, 3), now[3]! + right / 300, now[4]! + down / 300, now[5]!]);
    }
  }

  magnify(times: number): void {
    this.land();
    const now = [...this.standpoint];
    if (this.flat) now[2] = Math.min(this.controls.maxZoom, Math.max(this.controls.minZoom, now[2]! * times));
    else now[5] = Math.min(this.controls.maxDistance, Math.max(this.controls.minDistance, now[5]! / times));
    this.stand(now);
  }

  /** Whether dragging moves the map. */
  hold(held: boolean): void {
    this.controls.enabled = !held;
  }

  dispose(): void {
    this.land();
    this.controls.dispose();
  }

  private land(): void {
    cancelAnimationFrame(this.flight);
    this.flight = 0;
  }

  private changed(): void {
    if (this.quiet) return;
    const camera = this.flat ? this.plane : this.space;
    if (this.dim === 1) {
      this.controls.target.y = 0;
      camera.position.y = 0;
    }
    camera.updateMatrixWorld();
    this.matrix.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    if (this.dim === 1) {
      // The height of a point on a line says nothing: it is neither moved nor magnified.
      const e = this.matrix.elements;
      e[1] = 0;
      e[5] = BAND.half;
      e[9] = 0;
      e[13] = BAND.middle;
    }
    this.moved();
  }
}

/** On the way: magnification grows by equal factors, and the place comes as fast as it seems from there. */
function between(from: Standpoint, to: Standpoint, share: number, flat: boolean): Standpoint {
  const mix = (i: number, part = share) => from[i]! + (to[i]! - from[i]!) * part;
  if (!flat) return from.map((_, i) => mix(i));
  const [near, far] = [from[2]!, to[2]!];
  const now = near * (far / near) ** share;
  const part = Math.abs(far / near - 1) < 0.01 ? share : (1 / near - 1 / now) / (1 / near - 1 / far);
  return [mix(0, part), mix(1, part), now];
}

/** Where the whole of it is seen, for places between these two corners. */
export function overview(
  dim: Dim,
  [low, high]: readonly [readonly number[], readonly number[]],
  width: number,
  height: number,
): Standpoint {
  const middle = low.map((least, axis) => (least + high[axis]!) / 2);
  const half = low.map((least, axis) => Math.max(0.02, (high[axis]! - least) / 2));
  const [x = 0, y = 0, z = 0] = middle;
  if (dim === 3) return [x, y, z, 0.6, 1.2, FAR * Math.max(0.3, Math.hypot(...half) / 1.6)];
  if (dim === 1) return [0, 0, 1 / 1.12];
  const aspect = width / Math.max(1, height);
  const [wide, tall] = [Math.max(1, aspect), Math.max(1, 1 / aspect)];
  return [x, y, Math.min(wide / half[0]!, tall / half[1]!) / 1.1];
}
