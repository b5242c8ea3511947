// ---- drawing ------------------------------------------------------------------------------------------------------
let waiting = false, settling = 0;
function ask() { if (!waiting) { waiting = true; requestAnimationFrame(draw); } }
function askMoving() {  // many points are squares while they move, and discs again when they stand still
  moving = true;
  clearTimeout(settling);
  settling = setTimeout(() => { moving = false; ask(); }, 160);
  ask();
}
function line(x0, y0, x1, y1) { pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke(); }

function drawFrame() {
  pen.strokeStyle = colours.rule; pen.lineWidth = 1; pen.fillStyle = colours.faint;
  pen.font = "12px " + font; pen.textAlign = "center"; pen.textBaseline = "middle";
  const scale = unit(), middle = [width / 2 + view.x, height / 2 + view.y];
  if (dim === 3) return drawBox(scale, middle);
  if (dim === 1) {
    line(0, middle[1], width, middle[1]);
    for (const mark of data.marks) {  // where -1, 0 and 1 are
      const [x, y] = onScreen(mark, 0, 0, scale);
      line(x, y - 7, x, y + 7);
    }
  } else if (axisNames.length) {
    const [x, y] = onScreen(data.origin[0], data.origin[1], 0, scale);
    line(0, y, width, y); line(x, 0, x, height);
  }
  if (axisNames[0]) pen.fillText(axisNames[0], width / 2, height - 20);
  if (axisNames[1]) { pen.save(); pen.translate(18, height / 2); pen.rotate(-Math.PI / 2); pen.fillText(axisNames[1], 0, 0); pen.restore(); }
}
let written = [];  // where the names of the axes of a box stand
function drawBox(scale, middle) {
  written = [];
  const corner = (k) => onScreen(...extent.map((most, axis) => (k >> axis & 1 ? most : -most)), scale);
  for (let a = 0; a < 8; a++) for (let axis = 0; axis < 3; axis++) {
    const b = a | 1 << axis;
    if (b === a) continue;
    const p = corner(a), q = corner(b);
    line(p[0], p[1], q[0], q[1]);
  }
  axisNames.forEach((name, axis) => {  // beside the edge that lies furthest out below, or to the left for the upright one
    let best = null;
    for (let a = 0; a < 8; a++) {
      if (a >> axis & 1) continue;
      const p = corner(a), q = corner(a | 1 << axis), x = (p[0] + q[0]) / 2, y = (p[1] + q[1]) / 2;
      const rank = axis === 2 ? -x : y;
      if (!best || rank > best.rank) best = { rank, x, y, p, q };
    }
    const away = Math.hypot(best.x - middle[0], best.y - middle[1]) || 1;
    let angle = Math.atan2(best.q[1] - best.p[1], best.q[0] - best.p[0]);
    let turned = false;
    if (angle > Math.PI / 2) { angle -= Math.PI; turned = true; }
    if (angle <= -Math.PI / 2 - 1e-6) { angle += Math.PI; turned = true; }
    const x = best.x + 16 * (best.x - middle[0]) / away, y = best.y + 16 * (best.y - middle[1]) / away;
    const half = pen.measureText(name).width / 2, steps = Math.ceil(half / 7);
    for (let k = -steps; k <= steps; k++) {  // little boxes along a slope, which labels leave free
      const px = x + Math.cos(angle) * half * k / steps, py = y + Math.sin(angle) * half * k / steps;
      written.push([px - 7, py - 7, px + 7, py + 7]);
    }
    pen.save();
    pen.translate(x, y);
    pen.rotate(angle); pen.fillText(turned && data.turned[axis] || name, 0, 0); pen.restore();
  });
}
function drawContours() {
  if (!data.contours || !at("contours").querySelector("input").checked) return;
  const scale = unit();
  pen.strokeStyle = colours.faint; pen.lineWidth = 1;
  for (const { level, rings } of data.contours) {
    pen.globalAlpha = 0.3 + 0.5 * level;
    pen.beginPath();
    for (const ring of rings) for (let k = 0; k < ring.length; k += 2) {
      const [x, y] = onScreen(ring[k], ring[k + 1], 0, scale);
      if (k) pen.lineTo(x, y); else pen.moveTo(x, y);
    }
    pen.stroke();
  }
  pen.globalAlpha = 1;
}
function drawArrows() {
  pen.strokeStyle = pen.fillStyle = colours.accent; pen.lineWidth = 1.6; pen.globalAlpha = 0.9;
  for (const [a, b] of arrows) {
    let dx = sx[b] - sx[a], dy = sy[b] - sy[a];
    const far = Math.hypot(dx, dy);
    if (far < 12) continue;
    const lift = dim === 1 ? Math.min(far * 0.3, height * 0.3) : 0;
    const cx = (sx[a] + sx[b]) / 2, cy = (sy[a] + sy[b]) / 2 - lift * 2;
    if (lift) { dx = sx[b] - cx; dy = sy[b] - cy; }
    const long = Math.hypot(dx, dy), ux = dx / long, uy = dy / long, ex = sx[b] - 6 * ux, ey = sy[b] - 6 * uy;
    pen.beginPath(); pen.moveTo(sx[a], sy[a]);
    if (lift) pen.quadraticCurveTo(cx, cy, ex - 5 * ux, ey - 5 * uy); else pen.lineTo(ex - 5 * ux, ey - 5 * uy);
    pen.stroke();
    pen.beginPath(); pen.moveTo(ex, ey);
    pen.lineTo(ex - 9 * ux - 4 * uy, ey - 9 * uy + 4 * ux); pen.lineTo(ex - 9 * ux + 4 * uy, ey - 9 * uy - 4 * ux); pen.fill();
  }
  pen.globalAlpha = 1;
}
const opacityOf = (tone, hit) => (hit ? 0.25 : 1) * (lit >= 0 && mode === "cluster" && tone !== lit ? 0.22 : 1);
function drawPoints(named, hit) {
  const r = (n > 5000 ? 1.6 : n > 500 ? 2 : 2.6) * Math.min(1.8, Math.max(1, Math.sqrt(view.zoom) * 0.8));
  if (moving && visible > 2000) return drawSquares(named, hit, r);
  const shades = dim === 3 ? 4 : 1, rough = visible > 30000;
  byTone.forEach((rows, tone) => {
    for (let shade = 0; shade < shades; shade++) {  // few shades, each one path
      const close = dim === 3 ? (shade + 0.5) / 4 : 1, size = r * (0.6 + 0.4 * close);
      pen.globalAlpha = (0.35 + 0.5 * close) * opacityOf(tone, hit); pen.fillStyle = inks[tone];
      pen.beginPath();
      for (const i of rows) {
        const x = sx[i], y = sy[i];
        if (named[i] || x < -5 || y < -5 || x > width + 5 || y > height + 5) continue;
        if (shades > 1 && Math.min(3, Math.floor(near[i] * 4)) !== shade) continue;
        if (rough) pen.rect(x - size, y - size, 2 * size, 2 * size);
        else { pen.moveTo(x + size, y); pen.arc(x, y, size, 0, 7); }
      }
      pen.fill();
    }
  });
  pen.globalAlpha = 1;
}
// Pixels written one by one: without a graphics card 20,000 points move twice as fast as with paths.
const layer = document.createElement("canvas").getContext("2d");
let pixels = null;
function drawSquares(named, hit, r) {
  const w = canvas.width, h = canvas.height, ratio = devicePixelRatio || 1, side = Math.max(2, Math.round(1.8 * r * ratio));
  if (!pixels || pixels.width !== w || pixels.height !== h) {
    layer.canvas.width = w; layer.canvas.height = h;
    pixels = layer.createImageData(w, h);
  }
  const all = new Uint32Array(pixels.data.buffer);
  all.fill(0);
  byTone.forEach((rows, tone) => {
    const [red, green, blue] = channels(inks[tone]), opacity = 0.85 * opacityOf(tone, hit);
    for (const i of rows) {
      const x = Math.round(sx[i] * ratio - side / 2), y = Math.round(sy[i] * ratio - side / 2);
      if (named[i] || x < 0 || y < 0 || x + side > w || y + side > h) continue;
      const colour = Math.round(255 * opacity * (0.4 + 0.6 * near[i])) << 24 | blue << 16 | green << 8 | red;
      for (let row = y; row < y + side; row++) all.fill(colour, row * w + x, row * w + x + side);
    }
  });
  layer.putImageData(pixels, 0, 0);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(layer.canvas, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
}
function drawLabels(placed, hit) {
  if (dim === 1) {
    pen.strokeStyle = colours.rule; pen.lineWidth = 1;
    for (const [i, , top] of placed) line(sx[i], sy[i], sx[i], top < sy[i] ? top + 15 : top + 1);
  }
  pen.textAlign = "left"; pen.textBaseline = "middle"; pen.font = "13px " + font; pen.lineJoin = "round";
  for (const [i, left, top] of placed.reverse()) {
    const strong = i === pinned || i === hovered || (hit && hit.has(i));
    pen.globalAlpha = strong ? 1 : (0.45 + 0.55 * near[i]) * (hit ? 0.3 : 1);
    pen.fillStyle = strong ? colours.accent : mode === "plain" ? colours.named : inks[tones[i]];
    pen.beginPath(); pen.arc(sx[i], sy[i], strong ? 4.5 : 3.2 * (0.6 + 0.4 * near[i]), 0, 7); pen.fill();
    pen.strokeStyle = colours.halo; pen.lineWidth = 3; pen.strokeText(shown[i], left, top + 8);
    pen.fillStyle = strong ? colours.accent : colours.ink; pen.fillText(shown[i], left, top + 8);
  }
  pen.globalAlpha = 1;
}
function drawNames(names) {
  pen.textAlign = "left"; pen.textBaseline = "middle"; pen.font = nameFont();
  for (const [group, left, top] of names) {
    pen.strokeStyle = colours.halo; pen.lineWidth = 4;
    pen.strokeRect(left, top + 4, 10, 10); pen.strokeText(groupNames[group], left + 16, top + 9);
    pen.fillStyle = inks[group]; pen.fillRect(left, top + 4, 10, 10);
    pen.fillStyle = colours.ink; pen.fillText(groupNames[group], left + 16, top + 9);
  }
}
function draw() {
  waiting = false;
  layout();
  const ratio = devicePixelRatio || 1;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  drawFrame();
  drawContours();
  const taken = new Taken(), named = new Uint8Array(n), hit = matches && new Set(matches);
  for (const box of [...reserved, ...written]) taken.take(...box);
  const names = hit ? [] : placeNames(taken), placed = placeLabels(taken);
  for (const [i] of placed) named[i] = 1;
  drawPoints(named, hit);
  drawArrows();
  drawLabels(placed, hit);
  drawNames(names);
  for (const i of [hovered, pinned]) if (i >= 0 && !named[i]) {
    pen.fillStyle = colours.accent; pen.beginPath(); pen.arc(sx[i], sy[i], 4.5, 0, 7); pen.fill();
  }
  showTip();
}
