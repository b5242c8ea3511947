// ---- what is drawn ------------------------------------------------------------------------------------------------
const data = JSON.parse(at("data").textContent);
const { dim, keys, counts, points, arrows, groups } = data;
const n = keys.length;
const shown = keys.map(label);
const folded = keys.map((key) => key.normalize("NFC").toLowerCase());
const groupNames = groups ? groups.names.map((name) => name.map(label).join(" · ")) : [];

function label(key) {
  const plain = key.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => "\\x" + c.charCodeAt(0).toString(16));
  const letters = Array.from(plain || t("empty"));
  return letters.length > 40 ? letters.slice(0, 39).join("") + "…" : letters.join("");
}

const percent = (share) => (100 * share).toFixed(1);
const axisNames = data.axes || (data.explained || []).map((share, i) => t("component", { i: i + 1, n: percent(share) }));

function subtitle() {
  const method = { pca: "PCA", tsne: "t-SNE", umap: "UMAP", poles: t("between") }[data.method];
  const total = (data.explained || []).reduce((sum, share) => sum + share, 0);
  const how = data.axes ? t(dim === 1 ? "marks" : "midway") : data.explained ? t("share", { n: percent(total) }) : t("apart");
  return [method, t("keys", { n: number(n) }), how].join(" · ");
}

// Which label goes first: ends of arrows, then the most frequent.
const first = new Uint8Array(n);
for (const pair of arrows) for (const i of pair) first[i] = 1;
const order = Array.from(keys.keys()).sort((a, b) => first[b] - first[a] || (counts ? counts[b] - counts[a] : 0) || a - b);
