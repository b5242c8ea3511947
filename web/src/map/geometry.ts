// The points of a map, as they come from the server, and the first keys.
import { api, type Item, type MapState } from "../api";
import { type Loading, useLoaded } from "../parts/loading";
import type { Dim } from "./eye";
import { spread } from "./line";
import { Names } from "./names";
import type { Places } from "./projection";

const LABELS = 4_000;

export interface Geometry {
  readonly state: MapState;
  readonly dim: Dim;
  readonly places: Places;
  /** As the server gave them: `dim` numbers a point. */
  readonly coordinates: Float32Array;
  readonly names: Names;
}

export function useGeometry(item: Item, state: MapState | null): Loading<Geometry> {
  return useLoaded(
    (signal) => (state === null ? null : load(item, state, signal)),
    [item.name, item.version, state?.map],
  );
}

async function load(item: Item, state: MapState, signal: AbortSignal): Promise<Geometry> {
  const limit = Math.min(LABELS, state.points);
  const [coordinates, labels] = await Promise.all([
    api.points(state.map, signal),
    api.labels(state.map, limit, signal),
  ]);
  const places: Places =
    state.dim === 1 ? { coordinates: spread(coordinates), columns: 2 } : { coordinates, columns: state.dim };
  return { state, dim: state.dim, places, coordinates, names: new Names(item.name, labels.keys) };
}
