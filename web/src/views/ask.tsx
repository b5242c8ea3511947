import { useEffect, useRef, useState } from "preact/hooks";
import { About } from "../ask/about";
import "../ask/ask.css";
import { type Answer, api, type Item } from "../api";
import { Examples } from "../ask/examples";
import { Terms } from "../ask/terms";
import { step, TrailLine } from "../ask/trail";
import { Answers } from "../parts/answers";
import { Count, whole } from "../parts/count";
import { Heading } from "../parts/heading";
import { KeyBox } from "../parts/keybox";
import { useLoaded } from "../parts/loading";
import { Picker } from "../parts/picker";
import { Problem } from "../parts/problem";
import { Busy } from "../parts/state";
import { expression, repaired } from "../parts/terms";
import { address, set, useRoute } from "../route";
import { chosen, embeddings } from "../shelf";
import { shown, t } from "../words";

export function Ask() {
  const { params } = useRoute();
  const item = chosen(embeddings.value, params["in"]);
  return item && <AskOf item={item} query={params["q"] ?? ""} k={whole(params["k"], 10)} />;
}

function AskOf({ item, query, k }: { item: Item; query: string; k: number }) {
  const { value, error, busy } = useLoaded(
    (signal) => (query === "" ? null : api.ask({ name: item.name, q: query, k }, signal)),
    [item.name, item.version, query, k],
  );
  const answer = query === "" ? null : value;
  useEffect(() => {
    if (answer && answer.query.text === query) step(item.name, query);
  }, [answer, item.name, query]);

  const before = useRef(query);
  useEffect(() => {
    if (before.current !== query) scrollTo(0, 0);
    before.current = query;
  }, [query]);

  const to = (q: string) => address("ask", { in: item.name, q, k: k === 10 ? null : k });
  const ask = (q: string) => set({ in: item.name, q: q.trim() === "" ? null : q });
  return (
    <div class="view ask">
      <Heading>{t("ask.title")}</Heading>
      <div class="row settings">
        <Picker
          label={t("picker.embedding")}
          items={embeddings.value}
          value={item.name}
          onChange={(name) => set({ in: name })}
        />
        <Count label={t("ask.k")} value={k} options={[10, 25, 50, 100]} onChange={(n) => set({ k: n })} />
      </div>
      <KeyBox
        name={item.name}
        value={query}
        onSubmit={ask}
        label={t("ask.box")}
        placeholder={t("ask.placeholder")}
        completes="term"
        large
        main
      />
      <TrailLine name={item.name} to={to} />
      {query === "" && (
        <>
          <p class="lead">{t("ask.lead")}</p>
          <Examples item={item} to={to} />
        </>
      )}
      {query !== "" && error && (
        <Problem error={error} text={query} suggest={(key) => to(repaired(query, error.message, key))} />
      )}
      {query !== "" && busy && !answer && <Busy />}
      {answer && <Found item={item} answer={answer} stale={busy} to={to} ask={ask} />}
    </div>
  );
}

interface FoundProps {
  item: Item;
  answer: Answer;
  stale: boolean;
  to: (query: string) => string;
  ask: (query: string) => void;
}

function Found({ item, answer, stale, to, ask }: FoundProps) {
  const { terms, unknown, kind } = answer.query;
  const [picked, setPicked] = useState<string | null>(null);
  const about = terms.find((term) => term.key === picked)?.key ?? terms[0]?.key ?? null;
  return (
    <>
      {kind === "expression" && (
        <Terms terms={terms} about={about} onAbout={setPicked} onChange={(next) => ask(expression(next))} />
      )}
      {unknown.length > 0 && (
        <p class="small">
          <span class="faint">{t("ask.unknown")}</span>{" "}
          <span class="key">{unknown.map(shown).join(", ")}</span>
        </p>
      )}
      <div class={stale ? "body stale" : "body"} aria-busy={stale}>
        <section aria-labelledby="found">
          <div class="caption">
            <h2 id="found" class="key">
              {caption(answer)}
            </h2>
            <span class="small faint">{t(`ask.metric.${answer.metric}`)}</span>
          </div>
          <Answers
            neighbours={answer.neighbours}
            metric={answer.metric}
            to={to}
            pictures={item.pictures ? item.name : undefined}
          />
          {answer.neighbours.length === 0 && <p class="faint">{t("ask.none")}</p>}
        </section>
        {about !== null && <About item={item} name={about} />}
      </div>
    </>
  );
}

function caption({ query }: Answer): string {
  const { kind, terms, text } = query;
  if (kind === "text") return t("ask.kind.text", { n: terms.length });
  return t(`ask.kind.${kind}`, { key: shown(terms[0]?.key ?? text) });
}
