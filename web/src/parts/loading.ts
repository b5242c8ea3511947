import { useEffect, useState } from "preact/hooks";
import { ApiError, unlocked } from "../api";

export interface Loading<T> {
  /** The last answer; it stays while the next one is on its way. */
  readonly value: T | null;
  readonly error: ApiError | null;
  readonly busy: boolean;
}

/**
 * Ask the server whenever one of `inputs` changes, and forget the answers to earlier questions.
 * `load` gives null where there is nothing to ask.
 */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T> | null,
  inputs: readonly unknown[],
): Loading<T> {
  const [state, setState] = useState<Loading<T>>({ value: null, error: null, busy: true });
  const times = unlocked.value;
  useEffect(() => {
    const stale = new AbortController();
    const asked = load(stale.signal);
    if (asked === null) {
      setState({ value: null, error: null, busy: false });
      return;
    }
    setState((before) => ({ ...before, busy: true }));
    asked.then(
      (value) => {
        if (!stale.signal.aborted) setState({ value, error: null, busy: false });
      },
      (error: unknown) => {
        if (stale.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState({ value: null, error, busy: false });
      },
    );
    return () => stale.abort();
  }, [...inputs, times]);
  return state;
}
