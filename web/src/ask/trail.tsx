import { signal } from "@preact/signals";
import { Link } from "../parts/link";
import { shown, t } from "../words";

interface Trail {
  readonly name: string;
  readonly steps: readonly string[];
}

const longest = 12;
const trail = signal<Trail>({ name: "", steps: [] });

/** The trail after a step: a place that one has been at already is returned to, not added. */
export function walk(before: Trail, name: string, step: string): Trail {
  if (before.name !== name) return { name, steps: [step] };
  const been = before.steps.indexOf(step);
  const steps = been >= 0 ? before.steps.slice(0, been + 1) : [...before.steps, step].slice(-longest);
  return { name, steps };
}

export function step(name: string, query: string): void {
  trail.value = walk(trail.peek(), name, query);
}

/** Where one walked from answer to answer. */
export function TrailLine({ name, to }: { name: string; to: (query: string) => string }) {
  const { steps } = trail.value;
  if (trail.value.name !== name || steps.length < 2) return null;
  return (
    <nav class="trail" aria-label={t("ask.trail")}>
      <ol>
        {steps.map((query, index) => (
          <li key={query}>
            {index === steps.length - 1 ? (
              <span class="key" aria-current="true">
                {shown(query)}
              </span>
            ) : (
              <Link to={to(query)} class="key">
                {shown(query)}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
