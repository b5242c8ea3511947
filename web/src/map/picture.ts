// The picture that is being drawn, and the last full one, which serves while the map moves.
import * as three from "three";

const VERTEX = `
precision highp float;
in vec3 position;
uniform vec2 scale;
uniform vec2 shift;
out vec2 at;
void main() {
  at = position.xy * 0.5 + 0.5;
  gl_Position = vec4(position.xy * scale + shift, 0.0, 1.0);
}`;

const FRAGMENT = `
precision mediump float;
in vec2 at;
uniform sampler2D picture;
out vec4 pixel;
void main() { pixel = texture(picture, at); }`;

export class Picture {
  private next = blank();
  private last = blank();
  private kept = false;
  private readonly keptMatrix = new three.Matrix4();
  private readonly scale = new three.Vector2(1, 1);
  private readonly shift = new three.Vector2();
  private readonly size = new three.Vector2();
  private readonly world = new three.Scene();
  private readonly eye = new three.Camera();
  private readonly geometry = new three.PlaneGeometry(2, 2);
  private readonly material = new three.RawShaderMaterial({
    glslVersion: three.GLSL3,
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    uniforms: { picture: { value: null }, scale: { value: this.scale }, shift: { value: this.shift } },
    transparent: true,
    depthTest: false,
    depthWrite: false,
    blending: three.CustomBlending,
    blendSrc: three.OneFactor,
    blendDst: three.OneMinusSrcAlphaFactor,
  });

  constructor(private readonly renderer: three.WebGLRenderer) {
    const quad = new three.Mesh(this.geometry, this.material);
    quad.frustumCulled = false;
    this.world.add(quad);
    renderer.setClearColor(0x000000, 0);
  }

  resize(width: number, height: number): void {
    this.next.setSize(width, height);
    this.last.setSize(width, height);
    this.kept = false;
  }

  forget(): void {
    this.kept = false;
  }

  /** Draw into the picture from here on. */
  target(): void {
    this.renderer.setRenderTarget(this.next);
  }

  /** A new picture. */
  begin(): void {
    this.target();
    this.renderer.clear();
  }

  /** The picture is whole, and was drawn from there. */
  keep(matrix: three.Matrix4): void {
    [this.next, this.last] = [this.last, this.next];
    this.keptMatrix.copy(matrix);
    this.kept = true;
  }

  /** Whether the last full picture, moved to where it belongs now, fills the window. */
  covers(matrix: three.Matrix4): boolean {
    if (!this.kept) return false;
    this.place(matrix);
    return this.edges().every((edge) => edge >= 1 - 1e-6);
  }

  /**
   * Show the picture. With `under`, the last full one lies where it belongs now: beneath the new one while that is being
   * refined, and in its place while the map moves.
   */
  present(matrix: three.Matrix4, under: boolean, refining = false): void {
    this.renderer.setRenderTarget(null);
    this.renderer.clear();
    if (under && this.kept) {
      if (refining) {
        this.lay(this.last, matrix);
        this.lay(this.next, null);
        return;
      }
      this.lay(this.next, null);
      this.place(matrix);
      this.wipe();
      this.lay(this.last, matrix);
      return;
    }
    // Just kept: the new picture is the last one now.
    const done = this.kept && this.keptMatrix.equals(matrix);
    this.lay(done ? this.last : this.next, null);
  }

  dispose(): void {
    this.next.dispose();
    this.last.dispose();
    this.geometry.dispose();
    this.material.dispose();
  }

  private lay(picture: three.WebGLRenderTarget, matrix: three.Matrix4 | null): void {
    if (matrix) this.place(matrix);
    else {
      this.scale.set(1, 1);
      this.shift.set(0, 0);
    }
    const uniform = this.material.uniforms["picture"];
    if (uniform) uniform.value = picture.texture;
    this.renderer.render(this.world, this.eye);
  }

  /** Where the last picture belongs: only planes are moved so, whose matrices scale and shift. */
  private place(matrix: three.Matrix4): void {
    const [now, then] = [matrix.elements, this.keptMatrix.elements];
    this.scale.set(now[0] / then[0], now[5] / then[5]);
    this.shift.set(now[12] - then[12] * this.scale.x, now[13] - then[13] * this.scale.y);
  }

  /** How far the last picture reaches to the left, right, bottom and top; the window reaches 1. */
  private edges(): number[] {
    const { scale, shift } = this;
    return [scale.x - shift.x, scale.x + shift.x, scale.y - shift.y, scale.y + shift.y];
  }

  /** Take away what lies where the last picture will lie. */
  private wipe(): void {
    const size = this.renderer.getSize(this.size);
    const [left, right, bottom, top] = this.edges().map((edge) => Math.min(1, Math.max(-1, edge)));
    const x = Math.round(((1 - left!) / 2) * size.x);
    const y = Math.round(((1 - bottom!) / 2) * size.y);
    const width = Math.round(((1 + right!) / 2) * size.x) - x;
    const height = Math.round(((1 + top!) / 2) * size.y) - y;
    if (width <= 0 || height <= 0) return;
    this.renderer.setScissor(x, y, width, height);
    this.renderer.setScissorTest(true);
    this.renderer.clear();
    this.renderer.setScissorTest(false);
  }
}

function blank(): three.WebGLRenderTarget {
  return new three.WebGLRenderTarget(1, 1, { depthBuffer: true, generateMipmaps: false });
}
