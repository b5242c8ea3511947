import "../learn/learn.css";
import { useEffect, useState } from "preact/hooks";
import { ApiError, api, type Run } from "../api";
import { Command } from "../learn/command";
import { Curve } from "../learn/curve";
import { Figures } from "../learn/figures";
import { LiveMap } from "../learn/map";
import { type Watched, watch } from "../learn/run";
import { Heading } from "../parts/heading";
import { Link } from "../parts/link";
import { Empty } from "../parts/state";
import { address, useRoute } from "../route";
import { load, named, runs } from "../shelf";
import { shown, t } from "../words";

const pause = 3000; // milliseconds between two looks for a run that began

export function Learn() {
  const { params } = useRoute();
  const all = runs.value;
  const run = all.find((one) => one.run === params["run"]) ?? all[0];
  useEffect(() => {
    const timer = setInterval(() => void look(), pause);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="view learn">
      <Heading>{t("nav.learn")}</Heading>
      {all.length > 1 && <Runs all={all} now={run} />}
      {run ? <Live key={`${run.run} ${run.started}`} run={run} /> : <Nothing />}
    </div>
  );
}

/** See whether another run began. One that is gone stays on the page: what it came to is still worth a look. */
async function look(): Promise<void> {
  if (document.hidden || runs.value.some((one) => one.state === "running")) return;
  try {
    const found = (await api.runs()).runs;
    if (found.length > 0) runs.value = found;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

function Runs({ all, now }: { all: readonly Run[]; now: Run | undefined }) {
  return (
    <ul class="runs" aria-label={t("learn.runs")}>
      {all.map((one) => (
        <li key={one.run}>
          <Link to={address("learn", { run: one.run })} aria-current={one === now ? "true" : undefined}>
            <b>{shown(one.name)}</b> <small>{t(`learn.state.${one.state}`)}</small>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Live({ run }: { run: Run }) {
  const [watched, setWatched] = useState<Watched | null>(null);
  useEffect(() => {
    const begun = watch(run);
    setWatched(begun);
    return begun.stop;
  }, []);
  return watched ? <Body run={run} watched={watched} /> : null;
}

function Body({ run, watched }: { run: Run; watched: Watched }) {
  const state = watched.state.value;
  const latest = watched.latest.value;
  const points = watched.curve.value;
  useEffect(() => {
    if (state === "running") return;
    runs.value = runs.value.map((one) => (one.run === run.run ? { ...one, state } : one));
  }, [state]);
  return (
    <>
      <p class="what">
        <b class="key">{shown(run.name)}</b>
        <span class="faint">{run.learner}</span>
        {watched.lost.value && state === "running" && (
          <span class="lost" role="status">
            {t("learn.lost")}
          </span>
        )}
      </p>
      {state === "done" && <Done name={run.name} />}
      <div class="live">
        <section aria-label={t("learn.loss")}>
          <Figures run={run} state={state} latest={latest} speed={watched.speed.value} />
          {points.length > 1 ? (
            <Curve points={points} epochs={run.epochs} />
          ) : (
            <p class="nocurve faint">{t(run.epochs === null ? "learn.curve.none" : "learn.curve.waiting")}</p>
          )}
        </section>
        <section aria-label={t("nav.map")}>
          <LiveMap frame={watched.frame} />
          <p class="small faint">{t("learn.map.what")}</p>
        </section>
      </div>
    </>
  );
}

/** Where to go with what was learnt, once the server has opened it. */
function Done({ name }: { name: string }) {
  const there = named(name, "embedding") !== undefined;
  useEffect(() => {
    if (there) return;
    let tries = 0;
    const timer = setInterval(() => {
      tries += 1;
      if (tries > 5) clearInterval(timer);
      else void load();
    }, 700);
    return () => clearInterval(timer);
  }, [there]);
  if (!there) return null;
  return (
    <p class="row">
      <Link class="button main" to={address("ask", { in: name })}>
        {t("learn.ask")}
      </Link>
      <Link class="button" to={address("map", { in: name })}>
        {t("learn.map")}
      </Link>
    </p>
  );
}

function Nothing() {
  return (
    <Empty>
      <p>{t("learn.nothing")}</p>
      <Command text="jari learn corpus.txt -o wiki.jari --watch" />
      <p>{t("learn.how")}</p>
    </Empty>
  );
}
