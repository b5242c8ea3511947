// ---- moving: by mouse, finger and keyboard ------------------------------------------------------------------------
function zoomAt(x, y, factor) {
  const zoom = Math.min(400, Math.max(0.5, view.zoom * factor)), real = zoom / view.zoom;
  const px = x - width / 2, py = y - height / 2;
  view.x = px - (px - view.x) * real;
  view.y = dim === 1 ? view.y : py - (py - view.y) * real;
  view.zoom = zoom;
  askMoving();
}
const fingers = new Map();
let moved = 0;
const place = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, place(event));
  if (fingers.size === 1) moved = 0;
  canvas.classList.add("held");
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = place(event), before = fingers.get(event.pointerId);
  if (!before) {
    const now = nearest(x, y);
    if (now !== hovered) { hovered = now; ask(); }
    return;
  }
  const dx = x - before[0], dy = y - before[1];
  moved += Math.abs(dx) + Math.abs(dy);
  if (fingers.size === 2) {
    const [, other] = [...fingers].find(([id]) => id !== event.pointerId);
    const was = Math.hypot(before[0] - other[0], before[1] - other[1]), is = Math.hypot(x - other[0], y - other[1]);
    if (was > 0) zoomAt((x + other[0]) / 2, (y + other[1]) / 2, is / was);
    view.x += dx / 2; view.y += dim === 1 ? 0 : dy / 2;
  } else if (dim === 3 && !event.shiftKey) {
    view.yaw += dx * 0.008;
    view.pitch = Math.min(Math.PI / 2, Math.max(-Math.PI / 2, view.pitch + dy * 0.008));
  } else {
    view.x += dx; view.y += dim === 1 ? 0 : dy;
  }
  fingers.set(event.pointerId, [x, y]);
  hovered = -1;
  askMoving();
});
const release = (event) => {
  if (!fingers.delete(event.pointerId)) return;
  if (!fingers.size) canvas.classList.remove("held");
  if (event.type !== "pointerup" || moved >= 5 || fingers.size) return;
  hovered = nearest(...place(event));  // a finger leaves at once, and takes the tip along
  pin(hovered);
};
canvas.addEventListener("pointerup", release);
canvas.addEventListener("pointercancel", release);
canvas.addEventListener("pointerleave", () => { hovered = -1; ask(); });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 16 : 1;
  zoomAt(...place(event), Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) * 0.0022));
}, { passive: false });
canvas.addEventListener("dblclick", (event) => zoomAt(...place(event), 2));
canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;  // the browser's own
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (step && dim === 3 && !event.shiftKey) { view.yaw -= step[0] / 400; view.pitch -= step[1] / 400; }
  else if (step) { view.x += step[0]; view.y += dim === 1 ? 0 : step[1]; }
  else if (event.key === "+" || event.key === "=") zoomAt(width / 2, height / 2, 1.4);
  else if (event.key === "-") zoomAt(width / 2, height / 2, 1 / 1.4);
  else if (event.key === "0") view = home();
  else return;
  event.preventDefault();
  askMoving();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement !== input) { pin(-1); press(-1); }
  if (event.key === "/" && !["INPUT", "SELECT"].includes(document.activeElement.tagName)) { input.focus(); event.preventDefault(); }
});
at("nearer").onclick = () => zoomAt(width / 2, height / 2, 1.6);
at("farther").onclick = () => zoomAt(width / 2, height / 2, 1 / 1.6);
at("whole").onclick = () => { view = home(); pin(-1); };
