import { useEffect, useRef } from "preact/hooks";
import { type Metric, type Neighbour, picture } from "../api";
import { score, short, shown, t } from "../words";
import { Link } from "./link";

interface AnswersProps {
  neighbours: readonly Neighbour[];
  metric: Metric;
  /** The address that a click on an answer leads to. */
  to: (key: string) => string;
  label?: string;
  /** The embedding of pictures whose thumbnails are shown. */
  pictures?: string | undefined;
  /** Keys that stand out. */
  marked?: ReadonlySet<string> | undefined;
}

/** How long each bar is, 0…1: cosines from 0, distances and products within the list. */
export function lengths(scores: readonly number[], metric: Metric): number[] {
  if (metric === "cosine") return scores.map((value) => Math.min(1, Math.max(0, value)));
  const low = Math.min(...scores);
  const high = Math.max(...scores);
  if (metric === "dot") return scores.map((value) => (high > 0 ? Math.max(0, value) / high : 0));
  // Distances: the nearest is the longest.
  return scores.map((value) => (high > low ? 1 - (0.9 * (value - low)) / (high - low) : 1));
}

/** Keys with their scores as bars; arrow keys move between them, Enter or a click walks on. */
export function Answers({ neighbours, metric, to, label, pictures, marked }: AnswersProps) {
  const list = useRef<HTMLOListElement>(null);
  const bars = lengths(
    neighbours.map((one) => one.score),
    metric,
  );
  // Whoever walks on with the keyboard goes on from the first of the next answers.
  const walked = useRef(false);
  useEffect(() => {
    if (walked.current) list.current?.querySelector("a")?.focus({ preventScroll: true });
    walked.current = false;
  }, [neighbours]);
  function move(event: KeyboardEvent) {
    const links = [...(list.current?.querySelectorAll("a") ?? [])];
    const now = links.indexOf(document.activeElement as HTMLAnchorElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: links.length - 1 }[event.key];
    if (next === undefined || !links[next]) return;
    event.preventDefault();
    links[next].focus();
  }
  return (
    <ol
      ref={list}
      class={pictures === undefined ? "answers" : "answers pictured"}
      aria-label={label ?? t("answers.label")}
      onKeyDown={move}
      onClick={() => {
        walked.current = true;
      }}
    >
      {neighbours.map((one, index) => (
        <li key={one.row}>
          <Link to={to(one.key)} class={marked?.has(one.key) ? "marked" : undefined}>
            <span class="place figure" aria-hidden="true">
              {index + 1}
            </span>
            {pictures !== undefined && (
              <img src={picture(pictures, one.key, 128)} alt="" loading="lazy" width={56} height={56} />
            )}
            <span class="name">
              <span class="key">{shown(one.key)}</span>
              <span class="bar" aria-hidden="true">
                <i style={{ width: `${(bars[index] ?? 0) * 100}%` }} />
              </span>
            </span>
            {one.count !== null && (
              <span class="count figure" title={t("answers.count")}>
                {short(one.count)}
              </span>
            )}
            <span class="score figure">{score(one.score)}</span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
