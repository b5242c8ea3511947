// What is marked on the map: the search with its neighbours, and arrows.
import { type Answer, api, type Item } from "../api";
import { type Loading, useLoaded } from "../parts/loading";
import type { Geometry } from "./geometry";
import type { Arrow } from "./overlay";

export interface Sought {
  readonly answer: Answer;
  /** The key that was searched, where it is one and on the map. */
  readonly found: number | null;
  readonly neighbours: readonly number[];
}

export function useSought(item: Item, geometry: Geometry | null, q: string): Loading<Sought> {
  return useLoaded(
    (signal) => (geometry === null || q === "" ? null : seek(item, geometry, q, signal)),
    [item.name, item.version, geometry, q],
  );
}

async function seek(item: Item, { state, names }: Geometry, q: string, signal: AbortSignal): Promise<Sought> {
  const answer = await api.ask({ name: item.name, q, k: 10 }, signal);
  const key = answer.query.kind === "key" ? (answer.query.terms[0]?.key ?? q) : null;
  const found = key === null ? null : ((await api.findOnMap(state.map, [key], signal)).points[0] ?? null);
  if (found !== null && key !== null) names.know(found, key);
  const neighbours = answer.neighbours.filter(({ row }) => row < state.points);
  for (const { row, key: name } of neighbours) names.know(row, name);
  return { answer, found, neighbours: neighbours.map(({ row }) => row) };
}

export interface Arrows {
  readonly arrows: readonly Arrow[];
  readonly missing: readonly string[];
}

export function useArrows(
  geometry: Geometry | null,
  pairs: readonly (readonly [string, string])[],
): Loading<Arrows> {
  return useLoaded(
    (signal) => (geometry === null || pairs.length === 0 ? null : lay(geometry, pairs, signal)),
    [geometry, JSON.stringify(pairs)],
  );
}

async function lay(
  { state, names }: Geometry,
  pairs: readonly (readonly [string, string])[],
  signal: AbortSignal,
): Promise<Arrows> {
  const keys = [...new Set(pairs.flat())];
  const { points } = await api.findOnMap(state.map, keys, signal);
  const at = new Map(keys.map((key, i) => [key, points[i] ?? null]));
  for (const [key, point] of at) if (point !== null) names.know(point, key);
  const arrows = pairs.flatMap(([a, b]) => {
    const [from, to] = [at.get(a) ?? null, at.get(b) ?? null];
    return from === null || to === null ? [] : [{ from, to }];
  });
  return { arrows, missing: keys.filter((key) => at.get(key) === null) };
}
