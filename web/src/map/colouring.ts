// What the points are coloured by: a tone each, and what the tones mean.
import { api, type Clusters, type Item, type MapState } from "../api";
import { type Loading, useLoaded } from "../parts/loading";
import { dark, rgb } from "../theme";
import type { Colouring, Wanted } from "./address";
import { clusterPalette, opacityOf, type Palette, plainPalette, rampPalette, tonesOf } from "./palette";

export interface Coloured {
  /** The map that it belongs to. */
  readonly map: string;
  readonly by: Colouring;
  readonly tones: Uint8Array;
  readonly clusters: Clusters | null;
  readonly low: number;
  readonly high: number;
}

/** Which ways of colouring make sense here. */
export function offered(item: Item): Colouring[] {
  return [
    "cluster",
    ...(item.counted ? (["frequency"] as const) : []),
    "similarity",
    ...(item.fields && Object.keys(item.fields).length ? (["field"] as const) : []),
    "plain",
  ];
}

export function useColouring(state: MapState | null, wanted: Wanted): Loading<Coloured> {
  const { colour, clusters, field } = wanted;
  const q = colour === "similarity" ? wanted.q : "";
  return useLoaded(
    (signal) => (state === null ? null : load(state, colour, clusters ?? undefined, field, q, signal)),
    [state?.map, colour, clusters, field, q],
  );
}

async function load(
  state: MapState,
  by: Colouring,
  count: number | undefined,
  field: string | null,
  q: string,
  signal: AbortSignal,
): Promise<Coloured> {
  const { map } = state;
  if (by === "cluster") {
    const [clusters, tones] = await Promise.all([
      api.clusters(map, count, signal),
      api.clusterIds(map, count, signal),
    ]);
    return { map, by, tones, clusters, low: 0, high: clusters.count - 1 };
  }
  const question =
    by === "frequency"
      ? ({ by } as const)
      : by === "similarity" && q !== ""
        ? ({ by, q } as const)
        : by === "field" && field !== null
          ? ({ by, field } as const)
          : null;
  if (question === null)
    return { map, by: "plain", tones: new Uint8Array(state.points), clusters: null, low: 0, high: 0 };
  const { values, low, high } = await api.values(map, question, signal);
  return { map, by, tones: tonesOf(values, low, high), clusters: null, low, high };
}

/** The palette of what is coloured, in the present theme. */
export function paletteOf({ by, clusters, tones }: Coloured, lit: number | null): Palette {
  const opacity = opacityOf(tones.length);
  if (by === "cluster") return clusterPalette(clusters?.count ?? 1, lit, dark.value, opacity);
  if (by === "plain") return plainPalette(rgb("--named"), opacity);
  return rampPalette(dark.value, opacity);
}
