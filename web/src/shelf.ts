// What the server has: embeddings, recommenders, collections.
import { computed, signal } from "@preact/signals";
import { ApiError, api, type Item, type Kind, type Run } from "./api";
import type { View } from "./route";

export const items = signal<readonly Item[] | null>(null);
export const runs = signal<readonly Run[]>([]);
export const failure = signal<ApiError | null>(null);

export const embeddings = computed(() => (items.value ?? []).filter((item) => item.kind === "embedding"));
export const searchable = computed(() =>
  (items.value ?? []).filter(
    (item) => item.kind === "collection" || (item.kind === "embedding" && item.pictures),
  ),
);
export const recommenders = computed(() => (items.value ?? []).filter((item) => item.kind === "recommender"));

/** Whether a view has something to show. */
export const useful = computed<Record<View, boolean>>(() => ({
  ask: embeddings.value.length > 0,
  map: embeddings.value.length > 0,
  compare: embeddings.value.length > 1,
  search: searchable.value.length > 0,
  films: recommenders.value.length > 0,
  learn: runs.value.length > 0,
}));

export async function load(): Promise<void> {
  try {
    const [shelf, learning] = await Promise.all([api.shelf(), api.runs().catch(() => ({ runs: [] }))]);
    runs.value = learning.runs;
    items.value = shelf.items;
    failure.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    failure.value = error;
  }
}

/** The item of that name among these, or the first of them. */
export function chosen(among: readonly Item[], name: string | undefined): Item | null {
  return among.find((item) => item.name === name) ?? among[0] ?? null;
}

/** The embedding that this one is most likely to be compared with: one of the same sort of keys. */
export function alike(item: Item): Item | null {
  const common = (one: Item) => one.sample.filter((key) => item.sample.includes(key)).length;
  const others = embeddings.value.filter((one) => one !== item && one.pictures === item.pictures);
  return others.toSorted((one, two) => common(two) - common(one))[0] ?? null;
}

export const named = (name: string, kind?: Kind): Item | undefined =>
  (items.value ?? []).find((item) => item.name === name && (kind === undefined || item.kind === kind));
