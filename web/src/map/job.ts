// The map that is asked for: there at once, or computed while the page shows how far it is.
import { useEffect, useState } from "preact/hooks";
import { ApiError, api, hearMap, type Item, type MapQuestion, type MapState, unlocked } from "../api";
import type { Wanted } from "./address";
import { askedPoles } from "./address";

export interface Job {
  /** The map to show: the last one of this embedding that is done. */
  readonly done: MapState | null;
  /** How far the one that was asked for is; null where that is done. */
  readonly running: MapState | null;
  readonly error: ApiError | null;
  readonly cancel: () => void;
  readonly again: () => void;
}

/** What to ask; null while the poles are still to be named. */
export function questionOf(item: Item, wanted: Wanted): MapQuestion | null {
  const { method, dim, top, seed, poles } = wanted;
  if (method === "poles" && poles.length !== dim) return null;
  return {
    name: item.name,
    method,
    dim,
    top: top !== null && top < item.size ? top : undefined,
    seed: method === "tsne" || method === "umap" ? seed : undefined,
    poles: method === "poles" ? askedPoles(poles) : undefined,
  };
}

const over = (state: MapState): boolean => state.state !== "waiting" && state.state !== "running";

export function useJob(item: Item, wanted: Wanted): Job {
  const [done, setDone] = useState<MapState | null>(null);
  const [running, setRunning] = useState<MapState | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [times, setTimes] = useState(0);
  const question = questionOf(item, wanted);
  const asked = JSON.stringify([question, item.version]);

  useEffect(() => {
    const stale = new AbortController();
    let stop = () => {};
    setError(null);
    setRunning(null);
    // Another embedding: what is shown would be of the wrong one.
    setDone((before) => (before?.name === item.name || before === null ? before : null));
    const take = (state: MapState) => {
      if (stale.signal.aborted) return;
      const named = { ...state, name: state.name ?? item.name };
      setRunning(state.state === "done" ? null : named);
      if (state.state === "done") setDone(named);
      if (state.state === "failed") setError(new ApiError(state.error ?? { type: "failed" }));
    };
    const fail = (problem: unknown) => {
      if (stale.signal.aborted) return;
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    };
    if (question)
      api.project(question, stale.signal).then((state) => {
        take(state);
        // A stream that breaks off may have ended with the map: ask once more.
        if (!over(state) && !stale.signal.aborted)
          stop = hearMap(state.map, take, () => void api.mapState(state.map).then(take, fail));
      }, fail);
    return () => {
      stale.abort();
      stop();
    };
  }, [asked, times, unlocked.value]);

  return {
    done: question && done?.name === item.name ? done : null,
    running,
    error,
    cancel: () => {
      if (running) void api.cancelMap(running.map).then(setRunning, (problem: ApiError) => setError(problem));
    },
    again: () => setTimes(times + 1),
  };
}
