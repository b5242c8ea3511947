// A run as the page sees it: what the server tells of it, kept as signals.
import { type Signal, signal } from "@preact/signals";
import type { Run } from "../api";

export interface Progress {
  stage: string;
  done: number;
  total: number | null;
  unit: string;
  figures: { epoch?: number; loss?: number; rate?: number };
  /** Since the run began. */
  seconds: number;
  /** The loss of the last stretch; `figures.loss` is the mean of the epoch so far. */
  recent?: number;
}

export type Point = readonly [x: number, y: number];

export interface Frame {
  keys: readonly string[];
  points: readonly Point[];
}

type Message =
  | ({ type: "progress" } & Progress)
  | { type: "history"; events: Progress[] }
  | { type: "map"; keys?: string[]; points: Point[] }
  | { type: "state"; state: Run["state"] };

export interface Watched {
  readonly latest: Signal<Progress | null>;
  /** Loss by epoch. */
  readonly curve: Signal<readonly Point[]>;
  /** Units a second, over the last seconds of this stage. */
  readonly speed: Signal<number | null>;
  readonly frame: Signal<Frame | null>;
  readonly state: Signal<Run["state"]>;
  /** Whether the server does not answer just now. */
  readonly lost: Signal<boolean>;
  readonly stop: () => void;
}

const most = 1500; // points of a curve; beyond, every other one is left out
const recent = 5; // seconds

/** Watch a run until it is over or `stop` is called. */
export function watch(run: Run): Watched {
  const latest = signal<Progress | null>(null);
  const curve = signal<readonly Point[]>([]);
  const speed = signal<number | null>(null);
  const frame = signal<Frame | null>(null);
  const state = signal<Run["state"]>("running");
  const lost = signal(false);
  const source = new EventSource(`/api/learning/${encodeURIComponent(run.run)}/events`);
  let lately: Progress[] = [];

  function take(events: readonly Progress[]) {
    for (const event of events) {
      const first = lately[0];
      if (first && (first.stage !== event.stage || event.seconds < first.seconds)) lately = [];
      lately.push(event);
    }
    const last = lately.at(-1);
    if (!last) return;
    while (lately.length > 2 && last.seconds - (lately[0]?.seconds ?? 0) > recent) lately.shift();
    const first = lately[0] ?? last;
    const seconds = last.seconds - first.seconds;
    speed.value = seconds > 0 ? (last.done - first.done) / seconds : speed.value;
    latest.value = last;
    const points = pointsOf(events);
    if (points.length > 0) curve.value = thinned([...curve.value, ...points]);
  }

  source.addEventListener("message", (event: MessageEvent<string>) => {
    const message = JSON.parse(event.data) as Message;
    lost.value = false;
    if (message.type === "history") {
      lately = [];
      curve.value = [];
      take(message.events);
    } else if (message.type === "progress") take([message]);
    else if (message.type === "map") {
      frame.value = { keys: message.keys ?? frame.value?.keys ?? [], points: message.points };
    } else {
      state.value = message.state;
      if (message.state !== "running") source.close(); // else the browser would ask again
    }
  });
  source.addEventListener("error", () => {
    lost.value = true;
  });
  return { latest, curve, speed, frame, state, lost, stop: () => source.close() };
}

/** The points of the curve: one where the loss of a stretch became known. */
export function pointsOf(events: readonly Progress[]): Point[] {
  const points: Point[] = [];
  for (const { recent, figures } of events) {
    if (recent !== undefined && figures.epoch !== undefined && recent !== points.at(-1)?.[1]) {
      points.push([figures.epoch, recent]);
    }
  }
  return points;
}

/** At most `most` points: every other one goes, the last one stays. */
export function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= most) return points;
  return points.filter((_, index) => (points.length - 1 - index) % 2 === 0);
}
