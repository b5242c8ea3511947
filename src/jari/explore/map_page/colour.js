// ---- colours: one, those of clusters, or by frequency -------------------------------------------------------------
const SHADES = 8;  // of frequency: few, so that each is one path
const dark = matchMedia("(prefers-color-scheme: dark)");
let mode = groups ? "cluster" : "plain", lit = -1, pressed = -1;  // the cluster that is set off, and whether by a click
let tones = [], byTone = [], inks = [];
const isLit = (i) => lit < 0 || mode !== "cluster" || groups.ids[i] === lit;

function toneOf() {
  if (mode === "cluster") return Uint8Array.from(groups.ids);
  if (mode !== "frequency") return new Uint8Array(n);
  const logs = counts.map((count) => Math.log10(Math.max(1, count)));
  const low = logs.reduce((a, b) => Math.min(a, b), Infinity), high = logs.reduce((a, b) => Math.max(a, b), 0);
  return Uint8Array.from(logs, (log) => Math.min(SHADES - 1, Math.floor(((log - low) / (high - low || 1)) * SHADES)));
}
const channels = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
function mix(from, to, share) {
  const a = channels(from), b = channels(to);
  return "#" + a.map((value, k) => Math.round(value + (b[k] - value) * share).toString(16).padStart(2, "0")).join("");
}
function paint() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "faint", "rule", "dot", "named", "accent", "halo", "rare", "often"])
    colours[name] = style.getPropertyValue("--" + name).trim();
  const palette = data.palette[dark.matches ? "dark" : "light"];
  if (mode === "cluster") inks = groups.tones.map((tone) => palette[tone]);
  else if (mode === "frequency") inks = Array.from({ length: SHADES }, (_, k) => mix(colours.rare, colours.often, k / (SHADES - 1)));
  else inks = [colours.dot];
  at("legend").querySelectorAll("i").forEach((chip, group) => { chip.style.background = palette[groups.tones[group]]; });
  ask();
}
function colourBy(chosen) {
  mode = chosen;
  tones = toneOf();
  byTone = [];
  for (let i = 0; i < n; i++) (byTone[tones[i]] ||= []).push(i);
  at("legend").hidden = mode !== "cluster";
  at("ramp").hidden = mode !== "frequency";
  paint();
}

function furnish() {
  const modes = ["plain", ...(groups ? ["cluster"] : []), ...(counts ? ["frequency"] : [])], select = at("by").querySelector("select");
  at("by").querySelector("span").textContent = t("by");
  for (const name of modes) select.add(new Option(t(name), name, name === mode, name === mode));
  select.onchange = () => colourBy(select.value);
  at("by").hidden = modes.length < 2;
  at("contours").hidden = !data.contours;
  at("contours").querySelector("span").textContent = t("contours");
  const box = at("contours").querySelector("input");
  box.checked = data.density;
  box.onchange = ask;
  at("controls").hidden = at("by").hidden && at("contours").hidden;
  if (counts) {
    const ends = at("ramp").querySelectorAll("span"), most = (f, from) => number(counts.reduce((a, b) => f(a, b), from));
    ends[0].textContent = most(Math.min, Infinity);
    ends[1].textContent = most(Math.max, 0);
  }
  if (!groups) return;
  at("legend").setAttribute("aria-label", t("groups"));
  at("legend").replaceChildren(...groupNames.map((name, group) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const chip = document.createElement("i"), text = document.createElement("b"), size = document.createElement("small");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    text.textContent = button.title = name;
    size.textContent = number(groups.sizes[group]);
    button.append(chip, text, size);
    const light = (which) => { lit = which; ask(); };
    button.onpointerenter = (event) => { if (event.pointerType === "mouse") light(group); };
    button.onpointerleave = () => light(pressed);
    button.onclick = () => press(pressed === group ? -1 : group);
    item.append(button);
    return item;
  }));
}
function press(group) {
  lit = pressed = group;
  at("legend").querySelectorAll("button").forEach((button, k) => button.setAttribute("aria-pressed", k === group));
  ask();
}
