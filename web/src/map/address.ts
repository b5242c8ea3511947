// What the address bar says of the map, and back.
import type { MapState } from "../api";
import type { Params } from "../route";
import type { Dim, Standpoint } from "./eye";

export const methods = ["pca", "tsne", "umap", "poles"] as const;
export type Method = MapState["method"];
export const colourings = ["cluster", "frequency", "similarity", "field", "plain"] as const;
export type Colouring = (typeof colourings)[number];

/** Two named ends of an axis, each with keys that stand for it. */
export interface Pair {
  readonly names: readonly [string, string];
  readonly keys: readonly [readonly string[], readonly string[]];
}

export interface Wanted {
  readonly method: Method;
  readonly dim: Dim;
  readonly top: number | null;
  readonly seed: number;
  readonly colour: Colouring;
  readonly field: string | null;
  readonly clusters: number | null;
  /** The cluster that is lit. */
  readonly lit: number | null;
  readonly q: string;
  readonly arrows: readonly (readonly [string, string])[];
  readonly poles: readonly Pair[];
  readonly density: boolean;
  readonly labels: boolean;
  readonly view: Standpoint | null;
}

export function wantedOf(params: Params): Wanted {
  const poles = pairsOf(params["poles"]);
  const method = methods.find((name) => name === params["method"]) ?? (poles.length ? "poles" : "pca");
  const dim = ([1, 2, 3] as const).find((n) => String(n) === params["dim"]) ?? (method === "poles" ? 1 : 2);
  return {
    method,
    dim: method === "poles" && dim === 3 ? 2 : dim,
    top: whole(params["top"], 1),
    seed: whole(params["seed"], 0) ?? 0,
    colour: colourings.find((name) => name === params["colour"]) ?? "cluster",
    field: params["field"] ?? null,
    clusters: whole(params["clusters"], 2),
    lit: whole(params["lit"], 0),
    q: params["q"] ?? "",
    arrows: arrowsOf(params["arrows"]),
    poles,
    density: params["density"] === "1",
    labels: params["labels"] !== "0",
    view: standpointOf(params["view"], dim),
  };
}

function whole(text: string | undefined, least: number): number | null {
  const value = text && /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return value >= least ? value : null;
}

/** JSON that somebody may have written by hand: null where it is none. */
function json(text: string | undefined): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

const strings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

function arrowsOf(text: string | undefined): [string, string][] {
  const value = json(text);
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is [string, string] => strings(one) && one.length === 2).slice(0, 100);
}

export const writtenArrows = (arrows: Wanted["arrows"]): string | null =>
  arrows.length ? JSON.stringify(arrows) : null;

/** Arrows as one writes them: `germany:berlin france:paris`. */
export function typedArrows(text: string): [string, string][] {
  return text
    .trim()
    .split(/[\s,;]+/u)
    .map((pair) => pair.split(/:|→|->/u))
    .filter((ends): ends is [string, string] => ends.length === 2 && ends.every((end) => end !== ""));
}

/** The server's form: {"cold": ["ice"], "hot": ["fire"]}, or a list of such. */
function pairsOf(text: string | undefined): Pair[] {
  const value = json(text);
  const given = Array.isArray(value) ? value : [value];
  return given.flatMap((one: unknown) => {
    if (typeof one !== "object" || one === null) return [];
    // A list of two, as names such as "2" and "1" would change places in an object.
    const ends = (Array.isArray(one) ? one : Object.entries(one)) as [string, unknown][];
    const [low, high] = ends;
    if (ends.length !== 2 || !low || !high || !strings(low[1]) || !strings(high[1])) return [];
    return [{ names: [String(low[0]), String(high[0])], keys: [low[1], high[1]] }] satisfies Pair[];
  });
}

/** As a link holds them: lists, which keep their order. */
export function writtenPoles(pairs: readonly Pair[]): string | null {
  if (!pairs.length) return null;
  return JSON.stringify(pairs.map(({ names, keys }) => names.map((name, i) => [name, keys[i]])));
}

/** As the server reads them; written by hand, as an object would put a name such as "1" first. */
export function askedPoles(pairs: readonly Pair[]): string {
  const ends = ({ names, keys }: Pair) =>
    names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(keys[i])}`);
  return `[${pairs.map((pair) => `{${ends(pair).join(",")}}`).join(",")}]`;
}

function standpointOf(text: string | undefined, dim: Dim): Standpoint | null {
  const numbers = (text ?? "").split(",").map(Number);
  const fits = numbers.length === (dim === 3 ? 6 : 3) && numbers.every(Number.isFinite);
  const size = numbers.at(-1) ?? 0;
  return fits && size > 0 && size < 1e5 ? numbers : null;
}

/** Four figures: a link is to be read by people too. */
export const writtenStandpoint = (point: Standpoint): string =>
  point.map((value) => String(Number(value.toPrecision(4)))).join(",");
