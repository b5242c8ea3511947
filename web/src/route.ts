// The address bar is the state: a view is a path, what it shows is in the query.
import { signal } from "@preact/signals";

export const views = ["ask", "map", "compare", "search", "films", "learn"] as const;
export type View = (typeof views)[number];

export type Params = Readonly<Record<string, string>>;
export type Change = Record<string, string | number | boolean | null | undefined>;

export interface Route {
  /** null: the root address, before a view is chosen. */
  readonly view: View | null;
  /** False where the path is none of ours. */
  readonly known: boolean;
  readonly params: Params;
}

/** The route that an address is: only path and query are read. */
export function read(address: string): Route {
  const url = new URL(address, "http://page.invalid");
  const path = url.pathname.replace(/\/+$/, "").slice(1);
  const view = views.find((name) => name === path) ?? null;
  return { view, known: view !== null || path === "", params: Object.fromEntries(url.searchParams) };
}

/** The address of a view: empty, null and false are left out, true is "1". */
export function address(view: View, params: Change = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === false || value === "") continue;
    query.set(name, value === true ? "1" : String(value));
  }
  const text = query.toString().replaceAll("%2C", ",");
  return `/${view}${text ? `?${text}` : ""}`;
}

const here = (): Route => read(location.pathname + location.search);

export const route = signal<Route>(here());

/** Go somewhere: a new entry of the history, or in place of the present one. */
export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (to !== location.pathname + location.search) {
    history[replace ? "replaceState" : "pushState"](null, "", to);
  }
  route.value = here();
}

/** Change some parameters of the view that is shown and keep the others. */
export function set(change: Change, options: { replace?: boolean } = {}): void {
  const { view, params } = route.value;
  if (view) go(address(view, { ...params, ...change }), options);
}

/** The route as it is now; a component that calls this is drawn again when it changes. */
export const useRoute = (): Route => route.value;

addEventListener("popstate", () => {
  route.value = here();
});
