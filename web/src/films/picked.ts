// What was picked, as it stands in the address bar, and what items are called.
import { signal } from "@preact/signals";
import { api, type Recommendation, type TitledItem } from "../api";

/** Ids of items, in the order in which they were picked: joined by commas, or as JSON where an id holds one. */
export function read(text: string | undefined): string[] {
  if (!text) return [];
  if (!text.startsWith("[")) return [...new Set(text.split(","))];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? [...new Set(list.map(String))] : [];
  } catch {
    return [];
  }
}

export function written(items: readonly string[]): string | null {
  if (items.length === 0) return null;
  const plain = items.every((item) => item !== "" && !item.includes(",")) && !items[0]?.startsWith("[");
  return plain ? items.join(",") : JSON.stringify(items);
}

/** Titles by recommender and id, as they were met. */
const titles = signal<ReadonlyMap<string, string>>(new Map());
const place = (name: string, item: string): string => `${name}\n${item}`;

/** What an item is called; by its id where nothing better is known. */
export const titleOf = (name: string, item: string): string => titles.value.get(place(name, item)) ?? item;

type Titled = Pick<TitledItem, "item" | "title">;

export function learnTitles(name: string, met: readonly Titled[]): void {
  const fresh = met.filter(
    ({ item, title }) => title !== null && titles.value.get(place(name, item)) !== title,
  );
  if (fresh.length === 0) return;
  const next = new Map(titles.value);
  for (const { item, title } of fresh) next.set(place(name, item), title ?? item);
  titles.value = next;
}

export function learnRecommended(name: string, found: readonly Recommendation[]): void {
  learnTitles(
    name,
    found.flatMap((one) => [one, ...one.because]),
  );
}

/** Ask for the titles that a link does not bring. */
export async function findTitles(name: string, items: readonly string[], signal: AbortSignal): Promise<void> {
  const unknown = items.filter((item) => !titles.value.has(place(name, item)));
  await Promise.all(
    unknown.map(async (item) => {
      const found = await api.titles(name, item, 5, signal).catch(() => ({ items: [] }));
      learnTitles(
        name,
        found.items.filter((one) => one.item === item),
      );
    }),
  );
}

/** Names for a list in which two items may have one title. */
export function labels(items: readonly TitledItem[]): Map<string, TitledItem> {
  const times = new Map<string, number>();
  for (const { item, title } of items) {
    const said = title ?? item;
    times.set(said, (times.get(said) ?? 0) + 1);
  }
  return new Map(
    items.map((one) => {
      const said = one.title ?? one.item;
      return [(times.get(said) ?? 0) > 1 ? `${said} (${one.item})` : said, one];
    }),
  );
}
