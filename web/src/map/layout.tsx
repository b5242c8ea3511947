import type { Item, MapState } from "../api";
import { Segmented } from "../parts/choice";
import { set } from "../route";
import { number, percent, t } from "../words";
import { type Method, methods, type Wanted, writtenPoles } from "./address";
import { Poles } from "./poles";

const SAMPLES = [1_000, 10_000, 100_000];

/** What is laid out and how: method, dimensions, points, seed, poles. */
export function Layout({ item, wanted, state }: { item: Item; wanted: Wanted; state: MapState | null }) {
  const { method, dim, top, seed } = wanted;
  const tops = [...new Set([...SAMPLES, ...(top === null ? [] : [top])])]
    .filter((n) => n < item.size)
    .sort((a, b) => a - b);
  // Another map lies elsewhere: where one stood before means nothing there.
  const change = (to: Parameters<typeof set>[0]) => set({ ...to, view: null });
  return (
    <section aria-label={t("map.layout")}>
      <h2 class="unseen">{t("map.layout")}</h2>
      <Segmented<Method>
        label={t("map.method")}
        value={method}
        options={methods.map((value) => ({ value, label: t(`map.method.${value}`) }))}
        onChange={(value) =>
          change({ method: value, dim: value === "poles" ? 1 : dim, poles: writtenPoles(wanted.poles) })
        }
      />
      <p class="small faint">{t(`map.method.${method}.how`)}</p>
      <Segmented
        label={t("map.dim")}
        value={String(dim)}
        options={([1, 2, 3] as const)
          .filter((n) => n < 3 || method !== "poles")
          .map((n) => ({ value: String(n), label: t(`map.dim.${n}`) }))}
        onChange={(value) => change({ dim: value })}
      />
      {method === "poles" && (
        <Poles
          name={item.name}
          axes={dim === 2 ? 2 : 1}
          poles={wanted.poles}
          onDraw={(poles) => change({ poles: writtenPoles(poles) })}
        />
      )}
      <div class="row">
        {tops.length > 0 && (
          <label class="field">
            <span>{t("map.points")}</span>
            <select
              class="input"
              value={top === null || top >= item.size ? "" : String(top)}
              onChange={(event) => change({ top: event.currentTarget.value })}
            >
              <option value="">{t("map.points.all", { n: item.size })}</option>
              {tops.map((n) => (
                <option key={n} value={String(n)}>
                  {t("map.points.top", { n })}
                </option>
              ))}
            </select>
          </label>
        )}
        {(method === "tsne" || method === "umap") && (
          <label class="field seed">
            <span>{t("map.seed")}</span>
            <input
              class="input figure"
              type="number"
              min="0"
              max="2147483647"
              value={seed}
              onChange={(event) => change({ seed: event.currentTarget.value })}
            />
          </label>
        )}
      </div>
      {state && <About state={state} />}
    </section>
  );
}

function About({ state }: { state: MapState }) {
  const { explained, fitted, points, notes } = state;
  return (
    <>
      {explained && explained.length > 0 && (
        <p class="small faint">
          {t("map.explained", {
            share: percent(
              explained.reduce((sum, part) => sum + part, 0),
              1,
            ),
          })}
        </p>
      )}
      {fitted > 0 && fitted < points && <p class="small faint">{t("map.fitted", { n: fitted })}</p>}
      {notes.map((note) => (
        <p key={note} class="small faint">
          {note}
        </p>
      ))}
    </>
  );
}

/** How far the computation is. */
export function Progress({ state, onCancel }: { state: MapState; onCancel: () => void }) {
  const { stage, done, total } = state;
  return (
    <div class="progress" role="status">
      <p>
        {t(state.state === "waiting" ? "map.job.waiting" : "map.job.running")}
        {stage && <span class="faint"> · {stage}</span>}
      </p>
      <progress
        aria-label={t("map.job.progress")}
        max={total ?? undefined}
        value={total ? done : undefined}
      />
      <div class="row">
        <span class="small faint figure">
          {total ? t("map.job.left", { done: number(done), total: number(total) }) : ""}
        </span>
        <button type="button" class="button" onClick={onCancel}>
          {t("cancel")}
        </button>
      </div>
    </div>
  );
}
