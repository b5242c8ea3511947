import { useState } from "preact/hooks";
import type { ApiError, Item, Selection } from "../api";
import { Toggle } from "../parts/choice";
import { DownIcon } from "../parts/icons";
import { KeyBox } from "../parts/keybox";
import type { Loading } from "../parts/loading";
import { Picker } from "../parts/picker";
import { Problem } from "../parts/problem";
import { address, go, set, useRoute } from "../route";
import { embeddings } from "../shelf";
import { shown, t } from "../words";
import type { Wanted } from "./address";
import { ArrowList } from "./arrows";
import type { Chart } from "./chart";
import { type Coloured, paletteOf } from "./colouring";
import type { Geometry } from "./geometry";
import type { Job } from "./job";
import { Layout, Progress } from "./layout";
import { Legend } from "./legend";
import type { Sought } from "./marks";
import { Chosen, Picked } from "./picked";
import { download, MOST_VECTORS, png, svg } from "./saving";

interface PanelProps {
  item: Item;
  wanted: Wanted;
  job: Job;
  geometry: Geometry | null;
  error: ApiError | null;
  coloured: Coloured | null;
  sought: Loading<Sought>;
  missing: readonly string[];
  chart: Chart | null;
  point: number | null;
  mask: Uint8Array<ArrayBuffer> | null;
  selection: Loading<Selection>;
  onPick: (point: number | null) => void;
  onClear: () => void;
}

/** Beside the map; on a narrow window, a sheet that is drawn up from below. */
export function Panel(props: PanelProps) {
  const { item, wanted, job, geometry, coloured, sought, chart, point, mask } = props;
  const { params } = useRoute();
  const [open, setOpen] = useState(false);
  const cluster =
    point !== null && coloured?.clusters
      ? (coloured.clusters.names[coloured.tones[point] ?? 0] ?? null)
      : null;
  return (
    <aside class={open ? "panel open" : "panel"} aria-label={t("map.panel")}>
      <button
        type="button"
        class="handle"
        aria-expanded={open}
        aria-label={t(open ? "map.panel.close" : "map.panel.open")}
        onClick={() => setOpen(!open)}
      >
        <DownIcon />
      </button>
      <KeyBox
        name={item.name}
        value={wanted.q}
        label={t("map.search")}
        placeholder={t("map.search.place")}
        completes="term"
        main
        onSubmit={(q) => {
          setOpen(false);
          set({ q: q.trim() === "" ? null : q });
        }}
      />
      {wanted.q !== "" && sought.error && (
        <Problem error={sought.error} text={wanted.q} suggest={(q) => address("map", { ...params, q })} />
      )}
      {wanted.q !== "" && sought.value && <FoundNote sought={sought.value} q={wanted.q} />}
      {job.running && job.running.state !== "cancelled" && job.running.state !== "failed" && (
        <Progress state={job.running} onCancel={job.cancel} />
      )}
      {job.running?.state === "cancelled" && <Again text={t("map.job.cancelled")} onAgain={job.again} />}
      {job.error && <Problem error={job.error} />}
      {props.error && <Problem error={props.error} />}
      {geometry && mask && (
        <Picked
          geometry={geometry}
          mask={mask}
          selection={props.selection.value}
          error={props.selection.error}
          onClear={props.onClear}
        />
      )}
      {geometry && point !== null && (
        <Chosen geometry={geometry} point={point} cluster={cluster?.map(shown).join(", ") ?? null} />
      )}
      <Picker
        label={t("picker.embedding")}
        items={embeddings.value}
        value={item.name}
        onChange={(name) => go(address("map", { in: name, method: wanted.method, dim: params["dim"] }))}
      />
      <Layout item={item} wanted={wanted} state={geometry?.state ?? null} />
      <Legend item={item} wanted={wanted} coloured={coloured} />
      <section class="row" aria-label={t("map.show")}>
        <Toggle
          label={t("map.show.labels")}
          checked={wanted.labels}
          onChange={(on) => set({ labels: on ? null : "0" }, { replace: true })}
        />
        {wanted.dim === 2 && (
          <Toggle
            label={t("map.show.density")}
            checked={wanted.density}
            onChange={(on) => set({ density: on }, { replace: true })}
          />
        )}
      </section>
      {wanted.dim > 1 && <ArrowList name={item.name} arrows={wanted.arrows} missing={props.missing} />}
      {geometry && chart && <Seen geometry={geometry} chart={chart} onPick={props.onPick} />}
      {geometry && chart && coloured && (
        <Saving chart={chart} coloured={coloured} lit={wanted.lit} name={geometry.state.name} />
      )}
    </aside>
  );
}

function FoundNote({ sought, q }: { sought: Sought; q: string }) {
  const { answer, found, neighbours } = sought;
  const key = answer.query.kind === "key" ? (answer.query.terms[0]?.key ?? q) : null;
  const all = answer.neighbours.length;
  if (key !== null && found === null)
    return <p class="small faint">{t("map.found.missing", { key: shown(key) })}</p>;
  return (
    <>
      {neighbours.length < all && (
        <p class="small faint">{t("map.found.some", { n: neighbours.length, all })}</p>
      )}
      <ul class="keys">
        {answer.neighbours.map((neighbour) => (
          <li key={neighbour.row}>
            <button type="button" class="key" onClick={() => set({ q: neighbour.key })}>
              {shown(neighbour.key)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Again({ text, onAgain }: { text: string; onAgain: () => void }) {
  return (
    <div class="progress" role="status">
      <p>{text}</p>
      <button type="button" class="button" onClick={onAgain}>
        {t("again")}
      </button>
    </div>
  );
}

/** The labels that are on the screen, as a list: for those who do not see them. */
function Seen({
  geometry,
  chart,
  onPick,
}: {
  geometry: Geometry;
  chart: Chart;
  onPick: (point: number) => void;
}) {
  const [points, setPoints] = useState<readonly number[]>([]);
  const look = () =>
    setPoints(chart.overlay.labels.map((label) => label.point).filter((point) => point >= 0));
  return (
    <details onToggle={look} onFocusCapture={look}>
      <summary>{t("map.seen")}</summary>
      {points.length === 0 && <p class="small faint">{t("map.seen.none")}</p>}
      <ul class="keys">
        {points.map((point) => (
          <li key={point}>
            <button type="button" class="key" onClick={() => onPick(point)}>
              {shown(geometry.names.get(point) ?? "")}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

interface SavingProps {
  chart: Chart;
  coloured: Coloured;
  lit: number | null;
  name: string;
}

function Saving({ chart, coloured, lit, name }: SavingProps) {
  const [many, setMany] = useState<number | null>(null);
  const file = name.replaceAll("/", "-");
  async function saveSvg() {
    const made = await svg(chart, coloured.tones, paletteOf(coloured, lit));
    setMany(typeof made === "number" ? made : null);
    if (typeof made !== "number") download(made, `${file}.svg`);
  }
  return (
    <section aria-label={t("map.save")}>
      <h3>{t("map.save.image")}</h3>
      <div class="row">
        <button type="button" class="button" onClick={async () => download(await png(chart), `${file}.png`)}>
          {t("map.save.png")}
        </button>
        <button type="button" class="button" onClick={() => void saveSvg()}>
          {t("map.save.svg")}
        </button>
      </div>
      {many !== null && (
        <p class="small faint" role="alert">
          {t("map.save.toomany", { n: many, most: MOST_VECTORS })}
        </p>
      )}
    </section>
  );
}
