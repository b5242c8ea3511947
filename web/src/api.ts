// The server, as it is seen from the page: one typed function a question.
import { signal } from "@preact/signals";

export type Kind = "embedding" | "recommender" | "collection";
export type Metric = "cosine" | "dot" | "euclidean";

export interface Item {
  name: string;
  kind: Kind;
  size: number;
  dim: number;
  learner: string | null;
  counted: boolean;
  subwords: boolean;
  pictures: boolean;
  approximate: boolean;
  sample: string[];
  titled: boolean;
  version: string;
  fields?: Record<string, string>;
}

export interface Info extends Item {
  metadata: Record<string, unknown>;
  losses: number[];
}

export interface Suggestion {
  key: string;
  count: number | null;
}

export interface Term {
  key: string;
  weight: number;
}

export interface Neighbour {
  key: string;
  row: number;
  score: number;
  count: number | null;
}

export interface Answer {
  name: string;
  query: { kind: "key" | "expression" | "text" | "vector"; text: string; terms: Term[]; unknown: string[] };
  metric: Metric;
  neighbours: Neighbour[];
}

export interface Vector {
  key: string;
  row: number | null;
  count: number | null;
  norm: number;
  vector: number[];
  from_subwords: boolean;
}

export interface MapState {
  map: string;
  name: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  stage: string;
  done: number;
  total: number | null;
  points: number;
  dim: 1 | 2 | 3;
  method: "pca" | "tsne" | "umap" | "poles";
  explained: number[] | null;
  axes: [string, string][] | null;
  notes: string[];
  seed: number;
  fitted: number;
  error: Failure | null;
}

export interface Clusters {
  count: number;
  names: string[][];
  sizes: number[];
  centres: number[][];
}

export interface Contour {
  level: number;
  rings: number[][];
}

export interface Selection {
  count: number;
  keys: string[];
  counts: number[] | null;
}

export interface Changed {
  key: string;
  jaccard: number;
  cosine: number;
  count: number | null;
}

export interface Comparison {
  a: string;
  b: string;
  shared: number;
  only_a: number;
  only_b: number;
  k: number;
  compared: number;
  overlap: { mean: number; low: number; high: number; histogram: number[] };
  alignment: Record<string, number>;
  changed: Changed[];
  steady: Changed[];
  notes: string[];
}

export interface ComparedKey {
  key: string;
  jaccard: number;
  cosine: number;
  a: Neighbour[];
  b: Neighbour[];
  both: string[];
}

export interface LinkedMap {
  keys: string[];
  a: [number, number][];
  b: [number, number][];
  /** null: a key beyond those that were compared. */
  jaccard: (number | null)[];
}

export interface Hit {
  id: string;
  source: string | null;
  score: number;
  text: string;
  snippet: { text: string; found: [number, number][] } | null;
  title: string | null;
  metadata: Record<string, unknown>;
}

export interface Found {
  mode: "hybrid" | "vector" | "text";
  hits: Hit[];
  note: string | null;
}

export interface TitledItem {
  item: string;
  title: string | null;
  count: number | null;
}

export interface Recommendation {
  item: string;
  title: string | null;
  score: number;
  because: { item: string; title: string | null; score: number }[];
}

export interface Run {
  run: string;
  name: string;
  learner: string;
  state: "running" | "done" | "stopped";
  epochs: number | null;
  started: string | number;
}

/** What the server says when it cannot do what was asked. */
export interface Failure {
  type: string;
  message: string;
  param: string | null;
  code: string;
  suggestions: string[];
  position: number | null;
}

export class ApiError extends Error {
  readonly type: string;
  readonly param: string | null;
  readonly suggestions: readonly string[];
  readonly position: number | null;

  constructor(failure: Partial<Failure>) {
    super(failure.message ?? "");
    this.type = failure.type ?? "failed";
    this.param = failure.param ?? null;
    this.suggestions = failure.suggestions ?? [];
    this.position = failure.position ?? null;
  }
}

/** True while the server wants a token; the page then shows a form for it. */
export const locked = signal(false);

/** Counts the times that the server was unlocked: what was refused is asked again. */
export const unlocked = signal(0);

type Value = string | number | boolean | null | undefined | readonly (string | number)[];
export type Query = Record<string, Value>;

/** The address of a question; null and undefined are left out, a list is repeated. */
export function at(path: string, query: Query = {}): string {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) text.append(name, String(one));
  }
  const written = text.toString();
  return written ? `${path}?${written}` : path;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError({ type: "unreachable" });
  }
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const failure = (body as { error?: Partial<Failure> } | null)?.error;
  if (response.status === 401) locked.value = true;
  throw new ApiError(failure ?? { type: "unreadable" });
}

async function json<T>(url: string, init: RequestInit): Promise<T> {
  const response = await send(url, init);
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError({ type: "unreadable" });
  }
}

type Signal = AbortSignal | undefined;
const just = (signal: Signal): RequestInit => (signal ? { signal } : {});

export const get = <T>(path: string, query: Query = {}, signal?: Signal): Promise<T> =>
  json<T>(at(path, query), just(signal));

export const post = <T>(path: string, body: unknown, signal?: Signal): Promise<T> =>
  json<T>(path, {
    ...just(signal),
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** Numbers that come as they lie in memory: float32 coordinates, uint8 cluster ids. */
export const bytes = (path: string, query: Query = {}, signal?: Signal): Promise<Response> =>
  send(at(path, query), just(signal));

const map = (id: string): string => `/api/maps/${encodeURIComponent(id)}`;

export interface MapQuestion {
  name: string;
  method: MapState["method"];
  dim: 1 | 2 | 3;
  top?: number | undefined;
  geometry?: "cosine" | "euclidean" | undefined;
  seed?: number | undefined;
  /** JSON: one pair {"cold": ["ice"], "hot": ["fire"]} or a list of such. */
  poles?: string | undefined;
}

export const api = {
  shelf: (signal?: Signal) => get<{ items: Item[] }>("/api/embeddings", {}, signal),
  info: (name: string, signal?: Signal) => get<Info>("/api/info", { name }, signal),
  suggest: (name: string, q: string, k = 8, signal?: Signal) =>
    get<{ keys: Suggestion[] }>("/api/suggest", { name, q, k }, signal),
  keys: (name: string, rows: readonly number[], signal?: Signal) =>
    post<{ keys: string[]; counts: number[] | null }>("/api/keys", { name, rows }, signal),
  vector: (name: string, key: string, signal?: Signal) => get<Vector>("/api/vector", { name, key }, signal),
  similar: (question: { name: string; key: string; k?: number; metric?: Metric }, signal?: Signal) =>
    get<Answer>("/api/similar", question, signal),
  solve: (
    question: { name: string; expression: string; k?: number; method?: "add" | "mul" },
    signal?: Signal,
  ) => get<Answer>("/api/solve", question, signal),
  ask: (question: { name: string; q: string; k?: number }, signal?: Signal) =>
    get<Answer>("/api/ask", question, signal),

  project: (question: MapQuestion, signal?: Signal) => get<MapState>("/api/project", { ...question }, signal),
  mapState: (id: string, signal?: Signal) => get<MapState>(map(id), {}, signal),
  cancelMap: (id: string) => json<MapState>(map(id), { method: "DELETE" }),
  points: async (id: string, signal?: Signal): Promise<Float32Array> =>
    new Float32Array(await (await bytes(`${map(id)}/points`, {}, signal)).arrayBuffer()),
  labels: (id: string, limit: number, signal?: Signal) =>
    get<{ keys: string[] }>(`${map(id)}/labels`, { limit }, signal),
  findOnMap: (id: string, key: readonly string[], signal?: Signal) =>
    get<{ points: (number | null)[] }>(`${map(id)}/find`, { key }, signal),
  clusters: (id: string, count?: number, signal?: Signal) =>
    get<Clusters>(`${map(id)}/clusters`, { count }, signal),
  clusterIds: async (id: string, count?: number, signal?: Signal): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await (await bytes(`${map(id)}/clusters/ids`, { count }, signal)).arrayBuffer()),
  values: async (
    id: string,
    by: { by: "frequency" } | { by: "similarity"; q: string } | { by: "field"; field: string },
    signal?: Signal,
  ): Promise<{ values: Float32Array; low: number; high: number }> => {
    const response = await bytes(`${map(id)}/values`, { ...by }, signal);
    const [low = 0, high = 1] = (response.headers.get("X-Jari-Range") ?? "").split(" ").map(Number);
    return { values: new Float32Array(await response.arrayBuffer()), low, high };
  },
  density: (id: string, levels = 6, signal?: Signal) =>
    get<{ contours: Contour[] }>(`${map(id)}/density`, { levels }, signal),
  selection: (id: string, mask: Uint8Array<ArrayBuffer>, limit = 1000, signal?: Signal) =>
    json<Selection>(at(`${map(id)}/selection`, { format: "json", limit }), masked(mask, signal)),
  selectionFile: async (id: string, mask: Uint8Array<ArrayBuffer>, format: "tsv" | "csv", signal?: Signal) =>
    (await send(at(`${map(id)}/selection`, { format }), masked(mask, signal))).blob(),

  compare: (
    question: { a: string; b: string; k?: number; top?: number | undefined; show?: number },
    signal?: Signal,
  ) => get<Comparison>("/api/compare", question, signal),
  compareKey: (question: { a: string; b: string; key: string; k?: number }, signal?: Signal) =>
    get<ComparedKey>("/api/compare/key", question, signal),
  compareMap: (question: { a: string; b: string; top?: number }, signal?: Signal) =>
    get<LinkedMap>("/api/compare/map", question, signal),

  search: (
    question: {
      name: string;
      query: string;
      k?: number;
      where?: string | null;
      mode?: Found["mode"];
      passages?: boolean;
    },
    signal?: Signal,
  ) => post<Found>("/api/search", question, signal),
  titles: (name: string, q: string, k = 8, signal?: Signal) =>
    get<{ items: TitledItem[] }>("/api/titles", { name, q, k }, signal),
  recommend: (
    question: {
      name: string;
      user?: string;
      items?: readonly string[];
      k?: number;
      exclude_seen?: boolean;
      explain?: boolean;
    },
    signal?: Signal,
  ) => post<{ recommendations: Recommendation[]; user: string | null }>("/api/recommend", question, signal),
  users: (name: string, q: string, k = 8, signal?: Signal) =>
    get<{ users: string[] }>("/api/users", { name, q, k }, signal),
  runs: (signal?: Signal) => get<{ runs: Run[] }>("/api/learning", {}, signal),

  /** Give the token; the server answers with a cookie that no script can read. */
  unlock: async (token: string): Promise<void> => {
    await send("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    locked.value = false;
    unlocked.value += 1;
  },
};

function masked(mask: Uint8Array<ArrayBuffer>, signal: Signal): RequestInit {
  const headers = { "Content-Type": "application/octet-stream" };
  return { ...just(signal), method: "POST", headers, body: mask };
}

/** Where the thumbnail of a picture lies. */
export const picture = (name: string, key: string, size = 128): string =>
  at("/api/picture", { name, key, size });

/** Hear what the server tells while something goes on; call what comes back to stop listening. */
export function listen<T>(path: string, hear: (message: T) => void, lost?: () => void): () => void {
  const source = new EventSource(path);
  source.addEventListener("message", (event: MessageEvent<string>) => hear(JSON.parse(event.data) as T));
  source.addEventListener("error", () => {
    // A stream that ended is taken up again by the browser; one that was refused is not.
    if (source.readyState === EventSource.CLOSED) lost?.();
  });
  return () => source.close();
}

/** Hear how a map comes along, until it is there, failed or was cancelled. */
export function hearMap(id: string, hear: (state: MapState) => void, lost?: () => void): () => void {
  const stop = listen<MapState>(
    `${map(id)}/events`,
    (state) => {
      // The server ends the stream then, and the browser would take it up again.
      if (state.state !== "waiting" && state.state !== "running") stop();
      hear(state);
    },
    lost,
  );
  return stop;
}
