import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, type Item } from "../api";
import { wantedOf, writtenStandpoint } from "../map/address";
import type { Chart, ClusterName } from "../map/chart";
import { useColouring } from "../map/colouring";
import { useGeometry } from "../map/geometry";
import { useJob } from "../map/job";
import "../map/map.css";
import { useArrows, useSought } from "../map/marks";
import { clusterColour } from "../map/palette";
import { Panel } from "../map/panel";
import { Stage } from "../map/stage";
import { PointTable } from "../map/table";
import { Heading } from "../parts/heading";
import { useLoaded } from "../parts/loading";
import { Busy } from "../parts/state";
import { set, useRoute } from "../route";
import { chosen, embeddings } from "../shelf";
import { dark } from "../theme";
import { shown, t } from "../words";

export function MapView() {
  const { params } = useRoute();
  const item = chosen(embeddings.value, params["in"]);
  return item && <MapOf key={item.name} item={item} />;
}

function MapOf({ item }: { item: Item }) {
  const { params } = useRoute();
  const wanted = useMemo(() => wantedOf(params), [params]);
  const job = useJob(item, wanted);
  const loaded = useGeometry(item, job.done);
  const geometry = loaded.value && loaded.value.state.map === job.done?.map ? loaded.value : null;
  const state = geometry?.state ?? null;
  const colouring = useColouring(state, wanted);
  const coloured = colouring.value?.map === state?.map ? colouring.value : null;
  const sought = useSought(item, geometry, wanted.q);
  const arrows = useArrows(geometry, wanted.arrows);
  const density = useLoaded(
    (signal) => (state && state.dim === 2 && wanted.density ? api.density(state.map, 6, signal) : null),
    [state?.map, wanted.density],
  );
  const [chart, setChart] = useState<Chart | null>(null);
  const [blank, setBlank] = useState<"no" | "never" | "lost">("no");
  const [mask, setMask] = useState<Uint8Array<ArrayBuffer> | null>(null);
  const [point, setPoint] = useState<number | null>(null);
  const [, setNamed] = useState(0);
  const selection = useLoaded(
    (signal) => (state && mask ? api.selection(state.map, mask, 1000, signal) : null),
    [state?.map, mask],
  );
  const written = useRef(params["view"]);

  useEffect(() => {
    setMask(null);
    setPoint(null);
  }, [state?.map]);

  // What is marked on the chart follows what is known here.
  const found = sought.value?.found ?? null;
  const neighbours = sought.value?.neighbours;
  useEffect(() => {
    if (!chart || !geometry) return;
    chart.overlay.found = wanted.q === "" ? null : found;
    chart.overlay.neighbours = wanted.q === "" ? [] : (neighbours ?? []);
    chart.refresh(true);
  }, [chart, found, neighbours, wanted.q === ""]);
  const flown = useRef(wanted.view ? wanted.q : "");
  useEffect(() => {
    // A link that says where one stands is not flown away from.
    if (!chart || !sought.value || flown.current === wanted.q) return;
    flown.current = wanted.q;
    chart.flyAround([...(found === null ? [] : [found]), ...(neighbours ?? []).slice(0, 5)]);
  }, [chart, sought.value]);
  useEffect(() => {
    if (!chart) return;
    chart.overlay.arrows = arrows.value?.arrows ?? [];
    chart.refresh(true);
  }, [chart, arrows.value]);
  useEffect(() => {
    if (!chart) return;
    chart.overlay.contours = wanted.density ? (density.value?.contours ?? []) : [];
    chart.refresh();
  }, [chart, density.value, wanted.density]);
  useEffect(() => {
    if (!chart) return;
    chart.overlay.chosen = point;
    chart.overlay.poles = state?.axes?.[0] ?? null;
    chart.refresh(true);
  }, [chart, point, state]);
  useEffect(() => {
    // Back and forward; what the map itself wrote is where it stands already.
    if (!chart || params["view"] === written.current) return;
    written.current = params["view"];
    if (wanted.view) chart.eye.fly(wanted.view);
    else chart.eye.goWhole();
  }, [chart, params["view"]]);

  const clusters = coloured?.clusters ?? null;
  const clusterNames = useMemo<ClusterName[]>(
    () =>
      (clusters?.names ?? []).map((keys, i) => ({
        text: shown(keys[0] ?? ""),
        colour: clusterColour(i, dark.value),
        centre: clusters?.centres[i] ?? [],
      })),
    [clusters, dark.value],
  );

  function pick(next: number | null) {
    setPoint(next);
    if (next === null || !geometry) return;
    void geometry.names.need([next], item.counted).then(
      () => setNamed((n) => n + 1),
      () => {},
    );
  }

  const busy = (job.done === null && job.running === null && !job.error) || (job.done !== null && !geometry);
  return (
    <div class="view whole mapview">
      <Heading unseen>{t("map.title")}</Heading>
      <Panel
        item={item}
        wanted={wanted}
        job={job}
        geometry={geometry}
        error={loaded.error ?? colouring.error ?? arrows.error ?? density.error}
        coloured={coloured}
        sought={sought}
        missing={arrows.value?.missing ?? []}
        chart={chart}
        point={point}
        mask={mask}
        selection={selection}
        onPick={pick}
        onClear={() => setMask(null)}
      />
      <div class="paper">
        {geometry && blank === "no" && (
          <Stage
            key={geometry.state.map}
            geometry={geometry}
            coloured={coloured}
            lit={wanted.lit}
            clusterNames={clusterNames}
            labelled={wanted.labels}
            standpoint={wanted.view}
            mask={mask}
            events={{
              onStand: (standpoint) => {
                const text = writtenStandpoint(standpoint);
                if (text === written.current) return;
                written.current = text;
                set({ view: text }, { replace: true });
              },
              onPick: pick,
              onLasso: setMask,
              onLabels: () => {},
            }}
            onChart={setChart}
            onBlank={(lost) => setBlank(lost ? "lost" : "never")}
          />
        )}
        {geometry && blank !== "no" && <PointTable geometry={geometry} lost={blank === "lost"} />}
        {busy && wanted.method !== "poles" && <Busy />}
      </div>
    </div>
  );
}
