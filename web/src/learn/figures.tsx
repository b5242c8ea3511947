import type { Run } from "../api";
import { number, percent, short, t, type Word } from "../words";
import { loss } from "./curve";
import type { Progress } from "./run";

interface FiguresProps {
  run: Run;
  state: Run["state"];
  latest: Progress | null;
  speed: number | null;
}

const stages: Record<string, Word> = {
  counting: "learn.stage.counting",
  encoding: "learn.stage.encoding",
  learning: "learn.stage.learning",
  decomposing: "learn.stage.decomposing",
};
const units: Record<string, Word> = {
  words: "learn.unit.words",
  pairs: "learn.unit.pairs",
  bytes: "learn.unit.bytes",
  rows: "learn.unit.rows",
};

/** How far, how well, how fast, how long still. */
export function Figures({ run, state, latest, speed }: FiguresProps) {
  const { epoch, rate } = latest?.figures ?? {};
  const mean = latest?.recent ?? latest?.figures.loss;
  const running = state === "running";
  const left = running && latest?.total && speed ? (latest.total - latest.done) / speed : null;
  const unit = latest && units[latest.unit];
  const stage = latest && stages[latest.stage];
  const rows: [Word, string | null][] = [
    ["learn.epoch", epoch === undefined ? null : epochs(epoch, run.epochs)],
    ["learn.loss", mean === undefined ? null : loss(mean)],
    ["learn.rate", rate === undefined ? null : number(rate, { maximumSignificantDigits: 3 })],
    ["learn.speed", speed === null || !unit ? null : t(unit, { n: short(speed) })],
    ["learn.left", left === null ? null : duration(left)],
    ["learn.taken", latest ? duration(latest.seconds) : null],
  ];
  const share = state === "done" ? 1 : latest?.total ? latest.done / latest.total : null;
  return (
    <div class="figures">
      <div class="stage">
        <span>
          {state === "running"
            ? stage
              ? t(stage)
              : (latest?.stage ?? t("learn.starting"))
            : t(`learn.state.${state}`)}
        </span>
        {share !== null && <span class="figure">{percent(Math.floor(share * 100) / 100)}</span>}
      </div>
      <progress class={state} aria-label={t("learn.progress")} max={1} value={share ?? undefined} />
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd class="figure">{value ?? "–"}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const epochs = (now: number, all: number | null): string => {
  const done = number(now, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return all === null ? done : t("learn.of", { done, all: number(all) });
};

/** Seconds for a person: 8 s, 1:15, 2:01:00. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("learn.seconds", { n: number(whole) });
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
