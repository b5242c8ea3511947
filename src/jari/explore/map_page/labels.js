// ---- labels: the most important first, none upon another ----------------------------------------------------------
const widths = new Map();
function widthOf(i) {
  let w = widths.get(i);
  if (w === undefined) { w = pen.measureText(shown[i]).width; widths.set(i, w); }
  return w;
}
// Boxes of the labels placed so far, in cells of 80 × 40: a new one is compared with its neighbours only.
class Taken {
  constructor() {
    this.columns = Math.ceil(width / 80) + 3;
    this.cells = [];
  }
  cell(cx, cy) { return (cy + 1) * this.columns + cx + 1; }
  free(x0, y0, x1, y1) {
    for (let cx = Math.floor(x0 / 80); cx <= x1 / 80; cx++) for (let cy = Math.floor(y0 / 40); cy <= y1 / 40; cy++) {
      const boxes = this.cells[this.cell(cx, cy)];
      if (boxes) for (let k = 0; k < boxes.length; k += 4)
        if (x0 < boxes[k + 2] && boxes[k] < x1 && y0 < boxes[k + 3] && boxes[k + 1] < y1) return false;
    }
    return true;
  }
  take(x0, y0, x1, y1) {
    x0 = Math.max(x0, 0); y0 = Math.max(y0, 0); x1 = Math.min(x1, width); y1 = Math.min(y1, height);
    for (let cx = Math.floor(x0 / 80); cx <= x1 / 80; cx++) for (let cy = Math.floor(y0 / 40); cy <= y1 / 40; cy++)
      (this.cells[this.cell(cx, cy)] ||= []).push(x0, y0, x1, y1);
  }
}
let reserved = [];  // where other words stand
function reserve() {
  const stage = canvas.getBoundingClientRect();
  reserved = [at("hint"), document.querySelector("nav")].map((element) => {
    const box = element.getBoundingClientRect();
    return [box.left - stage.left, box.top - stage.top, box.right - stage.left, box.bottom - stage.top];
  });
  pen.font = "12px " + font;
  const halves = axisNames.map((name) => Math.max(75, pen.measureText(name).width / 2 + 4));
  if (dim < 3 && axisNames[0]) reserved.push([width / 2 - halves[0], height - 30, width / 2 + halves[0], height - 10]);
  if (dim === 2 && axisNames[1]) reserved.push([8, height / 2 - halves[1], 28, height / 2 + halves[1]]);
}
const nameFont = () => (width < 560 ? "bold 12px " : "bold 14px ") + font;
// The names of clusters, at their centres: [group, left, top].
function placeNames(taken) {
  const placed = [];
  if (mode !== "cluster" || dim === 1) return placed;
  const scale = unit();
  pen.font = nameFont();
  groups.centres.forEach((centre, group) => {
    if (lit >= 0 && lit !== group || !groupNames[group]) return;
    const [x, y] = onScreen(centre[0], centre[1], centre[2] || 0, scale), w = pen.measureText(groupNames[group]).width + 16;
    if (x < 0 || y < 0 || x > width || y > height) return;
    const left = Math.min(Math.max(x - w / 2, 6), width - w - 6);
    for (const shift of [0, 11, -11, 22, -22, 33, -33]) {
      const top = y - 9 + shift;
      if (top < 2 || top + 20 > height || !taken.free(left - 5, top - 2, left + w + 5, top + 20)) continue;
      taken.take(left - 5, top - 2, left + w + 5, top + 20);
      placed.push([group, left, top]);
      return;
    }
  });
  return placed;
}
function placeLabels(taken) {
  const placed = [];
  pen.font = "13px " + font;
  let tried = 0;
  const most = moving ? 1200 : 3000;
  const crossed = [];  // places along the arrows
  for (const [a, b] of arrows.slice(0, 100)) {
    const steps = Math.min(200, Math.ceil(Math.hypot(sx[b] - sx[a], sy[b] - sy[a]) / 4));
    for (let k = 0; k <= steps; k++) crossed.push([sx[a] + (sx[b] - sx[a]) * k / steps, sy[a] + (sy[b] - sy[a]) * k / steps]);
  }
  const some = (i) => {
    const x = sx[i], y = sy[i];
    if (x < 0 || y < 0 || x > width || y > height || tried > most || placed.length > 500) return;
    tried++;
    let best = null, least = Infinity;
    const w = widthOf(i), spots = dim === 1 ? lanes(x, y, w) : [
      [x + 7, y - 8], [x - 7 - w, y - 8], [x - w / 2, y - 23], [x - w / 2, y + 7],
      [x + 5, y - 20], [x - 5 - w, y - 20], [x + 5, y + 4], [x - 5 - w, y + 4]];
    for (const [left, top] of spots) {
      if (left < 2 || top < 2 || left + w > width - 2 || top + 16 > height - 2) continue;
      if (!taken.free(left - 3, top - 1, left + w + 3, top + 17)) continue;
      if (dim === 1) {
        const low = Math.min(y, top + 8), high = Math.max(y, top + 8);
        if (!taken.free(x - 1, low + 1, x + 1, high - 10)) continue;
      }
      // of the free places the one that hides least of the arrows
      let hidden = arrows.length && dim > 1 ? crossed.filter(([px, py]) => px > left - 2 && px < left + w + 2 && py > top && py < top + 16).length : 0;
      if (dim === 1) hidden = shut(left - 3, left + w + 3, Math.abs(top + 8 - y), Math.abs(left + w / 2 - x) / w);
      if (hidden < least) { least = hidden; best = [left, top]; }
      if (!hidden) break;
    }
    if (!best) return;
    const [left, top] = best;
    if (dim === 1) taken.take(x - 1, Math.min(y, top + 8), x + 1, Math.max(y, top + 8));
    taken.take(left, top, left + w, top + 16);
    taken.take(x - 4, y - 4, x + 4, y + 4);
    placed.push([i, left, top]);
  };
  const done = new Set();
  const once = (i) => { if (i >= 0 && !done.has(i)) { done.add(i); some(i); } };
  once(pinned); once(hovered);
  (matches || []).slice(0, 200).forEach(once);
  for (const i of order) {
    if (tried > most || placed.length > 500) break;
    if (isLit(i)) once(i);
  }
  return placed;
}
// On a line: a label loses what it shuts off: points above which it lies can have theirs nearer to the line only.
const ascending = dim === 1 ? Array.from(points[0]).sort((a, b) => a - b) : [];
function shut(low, high, distance, aside) {
  const scale = unit(), before = (x) => {
    const value = (x - width / 2 - view.x) / scale;
    let a = 0, b = n;
    while (a < b) { const m = (a + b) >> 1; if (ascending[m] < value) a = m + 1; else b = m; }
    return a;
  };
  const depth = Math.round((distance - 22) / 20);
  return 0.5 * depth + (before(high) - before(low) - 1) * (8 - depth) / 9 + 0.1 * aside + 1e-6;
}
function lanes(x, y, w) {
  const spots = [];
  for (let lane = 0; lane < 9; lane++) for (const top of [y - 30 - 20 * lane, y + 16 + 20 * lane]) {
    if (top < y && arrows.length) continue;  // the upper side is theirs
    for (const share of [0.5, 0.25, 0.75, 0.05, 0.95]) spots.push([x - share * w, top]);
  }
  return spots;
}
