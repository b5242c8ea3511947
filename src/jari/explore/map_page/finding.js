// ---- finding ------------------------------------------------------------------------------------------------------
const input = document.querySelector("#search input"), found = at("found");
const placeOf = new Int32Array(n);
order.forEach((i, k) => { placeOf[i] = k; });
let choice = 0;
function search() {
  const wanted = input.value.normalize("NFC").toLowerCase().trim();
  if (!wanted) { matches = null; fold(); ask(); return; }
  const rank = (i) => (folded[i] === wanted ? 0 : folded[i].startsWith(wanted) ? 1 : 2);
  matches = order.filter((i) => folded[i].includes(wanted)).sort((a, b) => rank(a) - rank(b) || placeOf[a] - placeOf[b]);
  choice = 0;
  list();
  ask();
}
function list() {
  const top = matches.slice(0, 8);
  const plain = (text) => {
    const item = document.createElement("li");
    item.className = "none"; item.textContent = text;
    return item;
  };
  found.replaceChildren(...top.map((i, k) => {
    const item = document.createElement("li"), name = document.createElement("b"), count = document.createElement("small");
    item.setAttribute("role", "option"); item.id = "option" + k;
    item.setAttribute("aria-selected", k === choice);
    name.textContent = shown[i];
    count.textContent = counts ? number(counts[i]) : "";
    item.append(name, count);
    item.onpointerdown = (event) => { event.preventDefault(); go(i); };
    return item;
  }));
  if (!top.length) found.append(plain(t("none")));
  else if (matches.length > top.length) found.append(plain(t("more", { n: number(matches.length - top.length) })));
  input.setAttribute("aria-activedescendant", top.length ? "option" + choice : "");
  input.setAttribute("aria-expanded", "true");
  found.hidden = false;
}
function fold() {
  found.hidden = true;
  input.setAttribute("aria-expanded", "false");
}
function go(i) {
  matches = null;
  if (!isLit(i)) press(-1);
  view.zoom = Math.max(view.zoom, n > 300 ? 4 : 1.5);
  view.x = view.y = 0;
  fold();
  pin(i);
  measure();  // the list of what is near may have taken some of the room
  layout();
  view.x = width / 2 - sx[i]; view.y = dim === 1 ? 0 : height / 2 - sy[i];
  ask();
}
input.addEventListener("input", search);
input.addEventListener("focus", () => { if (input.value) search(); });
input.addEventListener("blur", () => { matches = null; fold(); ask(); });
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;  // Enter that ends a Hangul syllable is not ours
  const most = Math.min(8, (matches || []).length);
  if (event.key === "Enter" && most) go(matches[Math.min(choice, most - 1)]);
  else if (event.key === "Escape") { input.value = ""; search(); }
  else if (event.key === "ArrowDown" && most) { choice = (choice + 1) % most; list(); event.preventDefault(); }
  else if (event.key === "ArrowUp" && most) { choice = (choice + most - 1) % most; list(); event.preventDefault(); }
});
