import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Found, type Item } from "../api";
import { Segmented, Toggle } from "../parts/choice";
import { useLoaded } from "../parts/loading";
import { Problem } from "../parts/problem";
import { Busy, Empty } from "../parts/state";
import { type Params, set } from "../route";
import { shown, t } from "../words";
import { Hits } from "./hits";
import { HowMany, many } from "./many";

const characters = 20_000; // of a text that is opened
const modes = ["hybrid", "vector", "text"] as const;

/** A collection: by meaning, by words, or by both. */
export function Documents({ item, params }: { item: Item; params: Params }) {
  const query = params["q"] ?? "";
  const mode = modes.find((one) => one === params["mode"]) ?? "hybrid";
  const where = params["where"] ?? "";
  const passages = params["passages"] === "1";
  const k = many(params);
  const [draft, setDraft] = useState(query);
  const [condition, setCondition] = useState(where);
  const conditions = useRef<HTMLInputElement>(null);
  useEffect(() => setDraft(query), [query]);
  useEffect(() => setCondition(where), [where]);
  const question = { name: item.name, query, k, where: where.trim() || null, mode, passages, characters };
  const answer = useLoaded<Found>(
    (signal) => (query.trim() === "" ? null : api.search(question, signal)),
    [item.name, item.version, query, k, where, mode, passages],
  );
  const fields = Object.entries(item.fields ?? {});

  function ask(event: Event) {
    event.preventDefault();
    set({ q: draft, where: condition.trim() });
  }
  function name(field: string) {
    const written = /[\s'"`,()<>=!]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
    setCondition((before) =>
      before.trim() === "" ? `${written} = ` : `${before.trimEnd()} and ${written} = `,
    );
    conditions.current?.focus();
  }

  return (
    <>
      <search>
        <form class="ask" onSubmit={ask}>
          <div class="line">
            <input
              class="input"
              type="search"
              aria-label={t("search.query")}
              placeholder={t("search.query")}
              data-main=""
              enterkeyhint="search"
              value={draft}
              onInput={(event) => setDraft(event.currentTarget.value)}
            />
            <button type="submit" class="button main">
              {t("search.go")}
            </button>
          </div>
          <div class="row">
            <Segmented
              label={t("search.mode")}
              value={mode}
              options={modes.map((one) => ({ value: one, label: t(`search.mode.${one}`) }))}
              onChange={(one) => set({ mode: one === "hybrid" ? null : one })}
            />
            <Toggle
              label={t("search.passages")}
              checked={passages}
              onChange={(on) => set({ passages: on })}
            />
            <HowMany value={k} />
          </div>
          {fields.length > 0 && (
            <div class="where">
              <input
                ref={conditions}
                class="input"
                type="text"
                aria-label={t("search.where")}
                placeholder={t("search.where")}
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                value={condition}
                onInput={(event) => setCondition(event.currentTarget.value)}
              />
              <p class="small faint row">
                <span>{t("search.fields")}</span>
                {fields.map(([field, type]) => (
                  <button key={field} type="button" class="field" onClick={() => name(field)}>
                    <span class="key">{shown(field)}</span> <span>{type}</span>
                  </button>
                ))}
                <span>{t("search.where.how")}</span>
              </p>
            </div>
          )}
        </form>
      </search>
      {answer.error && (
        <Problem error={answer.error} text={answer.error.param === "where" ? where : undefined} />
      )}
      {answer.busy && query !== "" && !answer.value && <Busy />}
      {query.trim() === "" && <Empty>{t("search.how")}</Empty>}
      {answer.value && query !== "" && <Answered found={answer.value} />}
    </>
  );
}

function Answered({ found }: { found: Found }) {
  return (
    <>
      <p class="unseen" role="status">
        {t("search.found", { n: found.hits.length })}
      </p>
      {found.hits.length > 0 ? <Hits found={found} /> : <Empty>{found.note ?? t("search.none")}</Empty>}
    </>
  );
}
