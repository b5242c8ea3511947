import { useEffect, useRef } from "preact/hooks";
import type { Item } from "../api";
import { set } from "../route";
import { dark } from "../theme";
import { number, score, short, shown, t } from "../words";
import type { Wanted } from "./address";
import { type Coloured, offered } from "./colouring";
import { clusterColour, rampPalette } from "./palette";

interface LegendProps {
  item: Item;
  wanted: Wanted;
  coloured: Coloured | null;
}

/** By what points are coloured, and what the colours mean. */
export function Legend({ item, wanted, coloured }: LegendProps) {
  const fields = Object.keys(item.fields ?? {});
  const value = wanted.colour === "field" ? `field:${wanted.field ?? ""}` : wanted.colour;
  const options = offered(item).flatMap((by) =>
    by === "field" ? fields.map((field) => `field:${field}`) : [by],
  );
  function choose(chosen: string) {
    const field = chosen.startsWith("field:") ? chosen.slice(6) : null;
    set({ colour: field === null ? chosen : "field", field, lit: null });
  }
  return (
    <section aria-label={t("map.colour")}>
      <label class="field">
        <span>{t("map.colour")}</span>
        <select class="input" value={value} onChange={(event) => choose(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option} value={option}>
              {option.startsWith("field:")
                ? t("map.colour.field", { field: option.slice(6) })
                : t(`map.colour.${option as Exclude<Wanted["colour"], "field">}`)}
            </option>
          ))}
        </select>
      </label>
      {wanted.colour === "similarity" && wanted.q === "" && (
        <p class="small faint">{t("map.colour.nothing")}</p>
      )}
      {coloured?.clusters && <Clusters coloured={coloured} lit={wanted.lit} />}
      {coloured && coloured.by !== "cluster" && coloured.by !== "plain" && <Ramp coloured={coloured} />}
    </section>
  );
}

function Clusters({ coloured, lit }: { coloured: Coloured; lit: number | null }) {
  const { names, sizes } = coloured.clusters ?? { names: [], sizes: [] };
  const order = names.map((_, i) => i).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
  return (
    <ul class="clusters" aria-label={t("map.legend.clusters")}>
      {order.map((i) => (
        <li key={i}>
          <button
            type="button"
            aria-pressed={lit === i}
            onClick={() => set({ lit: lit === i ? null : i }, { replace: true })}
          >
            <Swatch colour={clusterColour(i, dark.value)} />
            <span class="key">{(names[i] ?? []).map(shown).join(", ")}</span>
            <small class="figure">{short(sizes[i] ?? 0)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The policy of the page forbids style attributes in HTML: a script sets the colour. */
function Swatch({ colour }: { colour: string }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (box.current) box.current.style.backgroundColor = colour;
  }, [colour]);
  return <i ref={box} class="swatch" />;
}

function Ramp({ coloured }: { coloured: Coloured }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { low, high, by } = coloured;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = new ImageData(255, 1);
    image.data.set(rampPalette(dark.value, 1).subarray(0, 255 * 4));
    context.putImageData(image, 0, 0);
  }, [dark.value]);
  // Frequencies come as logarithms to the base 10.
  const end = (value: number) => (by === "frequency" ? short(Math.round(10 ** value)) : score(value));
  return (
    <div class="ramp">
      <canvas ref={canvas} width={255} height={1} />
      <p class="small faint figure">
        <span>{by === "field" ? number(low) : end(low)}</span>
        <span>
          {by === "frequency" ? t("map.legend.times") : by === "similarity" ? t("map.legend.cosine") : ""}
        </span>
        <span>{by === "field" ? number(high) : end(high)}</span>
      </p>
    </div>
  );
}
