// The points on the graphics card.
import * as three from "three";
import { count, type Places } from "./projection";
import { shuffled } from "./shuffle";

const VERTEX = `
precision highp float;
in vec3 position;
in float tone;
in float mark;
uniform mat4 matrix;
uniform float size;
uniform float depth;
uniform float aside;
uniform sampler2D palette;
flat out vec4 colour;
void main() {
  gl_Position = matrix * vec4(position, 1.0);
  gl_PointSize = depth > 0.0 ? clamp(size * depth / gl_Position.w, 1.0, 24.0) : size;
  vec4 ink = texelFetch(palette, ivec2(int(tone + 0.5), 0), 0);
  float opacity = ink.a * (mark > 0.5 ? 1.0 : aside);
  colour = vec4(ink.rgb * opacity, opacity);
}`;

const FRAGMENT = `
precision mediump float;
flat in vec4 colour;
uniform float round;
out vec4 pixel;
void main() {
  pixel = colour;
  if (round > 0.0) {
    vec2 away = gl_PointCoord - 0.5;
    float left = 0.25 - dot(away, away);
    if (left < 0.0) discard;
    pixel *= smoothstep(0.0, round, left);
  }
}`;

/** One buffer of places, one of tones (entries of a palette), in a random order. */
export class Cloud {
  readonly points: number;
  private readonly order: Uint32Array;
  private readonly geometry = new three.BufferGeometry();
  private readonly material: three.RawShaderMaterial;
  private readonly palette: three.DataTexture;
  private readonly tones: three.BufferAttribute;
  private readonly marks: three.BufferAttribute;
  private readonly world = new three.Scene();
  private readonly eye = new three.Camera();

  constructor(places: Places) {
    this.points = count(places);
    this.order = shuffled(this.points);
    this.tones = new three.BufferAttribute(new Uint8Array(this.points), 1);
    this.marks = new three.BufferAttribute(new Uint8Array(this.points).fill(1), 1);
    this.geometry.setAttribute(
      "position",
      new three.BufferAttribute(gathered(places, this.order), places.columns),
    );
    this.geometry.setAttribute("tone", this.tones);
    this.geometry.setAttribute("mark", this.marks);
    // Known, so that three.js does not go through all points for it.
    this.geometry.boundingSphere = new three.Sphere(new three.Vector3(), 2);
    this.palette = new three.DataTexture(new Uint8Array(256 * 4), 256, 1);
    this.material = new three.RawShaderMaterial({
      glslVersion: three.GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: {
        matrix: { value: new three.Matrix4() },
        palette: { value: this.palette },
        size: { value: 1 },
        depth: { value: 0 },
        aside: { value: 1 },
        round: { value: 0 },
      },
      transparent: true,
      depthTest: places.columns === 3,
      depthWrite: places.columns === 3,
      blending: three.CustomBlending,
      blendSrc: three.OneFactor,
      blendDst: three.OneMinusSrcAlphaFactor,
    });
    const drawn = new three.Points(this.geometry, this.material);
    drawn.frustumCulled = false;
    this.world.add(drawn);
  }

  /** The entry of the palette of each point. */
  colour(tones: Uint8Array, palette: Uint8Array): void {
    scatter(tones, this.order, this.tones);
    (this.palette.image.data as Uint8Array).set(palette);
    this.palette.needsUpdate = true;
  }

  /** Another palette for the same tones: nothing of the size of the points is sent. */
  repaint(palette: Uint8Array): void {
    (this.palette.image.data as Uint8Array).set(palette);
    this.palette.needsUpdate = true;
  }

  /** Points whose bit is 0 step aside; null: none. */
  choose(mask: Uint8Array | null): void {
    const marks = this.marks.array as Uint8Array;
    for (let i = 0; i < marks.length; i += 1) {
      const point = this.order[i]!;
      marks[i] = mask === null ? 1 : (mask[point >> 3]! >> (point & 7)) & 1;
    }
    this.marks.needsUpdate = true;
    this.uniform("aside", mask === null ? 1 : 0.12);
  }

  /** Draw so many points of the random order, from the one numbered `start` on; sizes are pixels of the device. */
  draw(
    renderer: three.WebGLRenderer,
    matrix: three.Matrix4,
    size: number,
    depth: number,
    start: number,
    many: number,
  ) {
    this.uniform("matrix", matrix);
    this.uniform("size", Math.max(1, size));
    this.uniform("depth", depth);
    this.uniform("round", size > 2.4 ? Math.min(0.25, 0.6 / size) : 0);
    this.geometry.setDrawRange(start, many);
    renderer.render(this.world, this.eye);
  }

  dispose(): void {
    this.geometry.dispose();
    this.material.dispose();
    this.palette.dispose();
  }

  private uniform(name: string, value: number | three.Matrix4): void {
    const uniform = this.material.uniforms[name];
    if (uniform) uniform.value = value;
  }
}

function gathered({ coordinates, columns }: Places, order: Uint32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(coordinates.length);
  for (let i = 0; i < order.length; i += 1) {
    const from = order[i]! * columns;
    for (let column = 0; column < columns; column += 1)
      out[i * columns + column] = coordinates[from + column]!;
  }
  return out;
}

function scatter(values: Uint8Array, order: Uint32Array, into: three.BufferAttribute): void {
  const array = into.array as Uint8Array;
  for (let i = 0; i < order.length; i += 1) array[i] = values[order[i]!]!;
  into.needsUpdate = true;
}
