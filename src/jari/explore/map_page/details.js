// ---- what is known of a point: beside it, and in a list of its own ------------------------------------------------
const NEAREST = 10;
const facts = (i) => [
  ...(counts ? [t("seen", { n: number(counts[i]) })] : []),
  ...(groups && groupNames[groups.ids[i]] ? [t("group", { name: groupNames[groups.ids[i]] })] : []),
  t("place", { at: points.map((axis) => axis[i].toFixed(3)).join(", ") })].join(" · ");

function showTip() {
  if (hovered < 0) { tip.style.visibility = "hidden"; return; }
  const name = document.createElement("b"), more = document.createElement("small");
  name.textContent = keys[hovered] || t("empty");
  more.textContent = facts(hovered);
  tip.replaceChildren(name, more);
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(sx[hovered] + 14, width - box.width - 8)) + "px";
  tip.style.top = (sy[hovered] + 18 + box.height > height ? sy[hovered] - box.height - 12 : sy[hovered] + 18) + "px";
  tip.style.visibility = "visible";
}
function nearestTo(i) {
  const far = new Float64Array(n);
  for (const axis of points) for (let j = 0; j < n; j++) far[j] += (axis[j] - axis[i]) ** 2;
  const best = [];  // few of many: kept in order, the farthest one last
  for (let j = 0; j < n; j++) {
    if (j === i || (best.length === NEAREST && far[j] >= far[best[NEAREST - 1]])) continue;
    let place = best.length;
    while (place && far[best[place - 1]] > far[j]) place--;
    best.splice(place, 0, j);
    best.length = Math.min(best.length, NEAREST);
  }
  return best;
}
function pin(i) {
  pinned = i;
  const details = at("details");
  details.hidden = i < 0;
  if (i >= 0) {
    const title = document.createElement("h2"), name = document.createElement("span"), close = document.createElement("button");
    const more = document.createElement("p"), heading = document.createElement("h3"), list = document.createElement("ol");
    name.textContent = keys[i] || t("empty");
    close.type = "button"; close.textContent = "×"; close.title = t("close"); close.setAttribute("aria-label", t("close"));
    close.onclick = () => { pin(-1); canvas.focus({ preventScroll: true }); };
    title.append(name, close);
    more.textContent = facts(i);
    heading.textContent = t("near");
    list.append(...nearestTo(i).map((j) => {
      const item = document.createElement("li"), button = document.createElement("button");
      const key = document.createElement("b"), count = document.createElement("small");
      button.type = "button";
      key.textContent = shown[j];
      count.textContent = counts ? number(counts[j]) : "";
      button.append(key, count);
      button.onclick = () => { go(j); at("details").querySelector("ol button")?.focus(); };
      button.onpointerenter = (event) => { if (event.pointerType === "mouse") { hovered = j; ask(); } };
      button.onpointerleave = () => { hovered = -1; ask(); };
      button.onfocus = () => { hovered = j; ask(); };
      button.onblur = () => { hovered = -1; ask(); };
      item.append(button);
      return item;
    }));
    details.replaceChildren(title, more, heading, list);
    details.scrollTop = 0;
  }
  ask();
}
