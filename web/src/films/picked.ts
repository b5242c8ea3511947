// What was picked, as it stands in the address bar, and what items are called.
import { signal } from "@preact/signals";
import type { Recommendation, TitledItem } from "../api";

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

export interface Answered {
  recommendations: readonly Recommendation[];
  /** What was picked. */
  items?: readonly Titled[];
}

export function learnTitles(name: string, met: readonly Titled[]): void {
  const fresh = met.filter(
    ({ item, title }) => title !== null && titles.value.get(place(name, item)) !== title,
  );
  if (fresh.length === 0) return;
  const next = new Map(titles.value);
  for (const { item, title } of fresh) next.set(place(name, item), title ?? item);
  titles.value = next;
}

/** An answer names what was picked, too. */
export function learnRecommended(name: string, answer: Answered): void {
  const reasons = answer.recommendations.flatMap((one) => [one, ...one.because]);
  learnTitles(name, [...reasons, ...(answer.items ?? [])]);
}
