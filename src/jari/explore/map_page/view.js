// ---- the view: from places on the map to places on the screen -----------------------------------------------------
const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d"), tip = at("tip");
const font = getComputedStyle(document.body).fontFamily;
const home = () => ({ zoom: 1, x: 0, y: 0, yaw: -0.55, pitch: 0.38 });
let view = home(), width = 0, height = 0, colours = {};
let hovered = -1, pinned = -1, matches = null, visible = 0, moving = false;
const sx = new Float32Array(n), sy = new Float32Array(n), near = new Float32Array(n).fill(1);
const extent = points.map((axis) => axis.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6));

function unit() {
  const w = Math.max(width - (width < 560 ? 72 : 120), 60) / 2, h = Math.max(height - 110, 60) / 2;
  if (dim === 1) return (w / extent[0]) * view.zoom;
  if (dim === 2) return Math.min(w / extent[0], h / extent[1]) * view.zoom;
  return (Math.min(w, h) / Math.hypot(...extent)) * 1.12 * view.zoom;
}
function seen(x, y, z) {  // to the right, up, towards the eye
  if (dim < 3) return [x, dim === 1 ? 0 : y, 0];
  const cy = Math.cos(view.yaw), sy_ = Math.sin(view.yaw), cp = Math.cos(view.pitch), sp = Math.sin(view.pitch);
  const right = cy * x + sy_ * y, away = -sy_ * x + cy * y;
  return [right, cp * z + sp * away, sp * z - cp * away];
}
function onScreen(x, y, z, scale) {
  const [right, up, depth] = seen(x, y, z);
  return [width / 2 + view.x + right * scale, height / 2 + view.y - up * scale, depth];
}
function layout() {
  visible = 0;
  const scale = unit(), [xs, ys, zs] = points, left = width / 2 + view.x, top = height / 2 + view.y;
  const deepest = dim === 3 ? Math.hypot(...extent) : 1;
  for (let i = 0; i < n; i++) {
    if (dim === 3) {
      const [x, y, depth] = onScreen(xs[i], ys[i], zs[i], scale);
      sx[i] = x; sy[i] = y;
      near[i] = Math.min(1, Math.max(0, (depth / deepest + 1) / 2));
    } else {
      sx[i] = left + xs[i] * scale;
      sy[i] = dim === 1 ? top : top - ys[i] * scale;
    }
    if (sx[i] > 0 && sy[i] > 0 && sx[i] < width && sy[i] < height) visible++;
  }
}
function nearest(x, y) {
  let best = -1, least = 14 * 14;
  for (let i = 0; i < n; i++) {
    const d = (sx[i] - x) ** 2 + (sy[i] - y) ** 2;
    if (d < least && isLit(i)) { least = d; best = i; }
  }
  return best;
}
