import "../films/films.css";
import { useEffect } from "preact/hooks";
import { api, type Item } from "../api";
import { learnRecommended, read } from "../films/picked";
import { Picks, pick } from "../films/picks";
import { Recommended } from "../films/recommended";
import { Segmented, Toggle } from "../parts/choice";
import { Heading } from "../parts/heading";
import { KeyBox } from "../parts/keybox";
import { useLoaded } from "../parts/loading";
import { Picker } from "../parts/picker";
import { Problem } from "../parts/problem";
import { Busy, Empty } from "../parts/state";
import { address, go, type Params, set, useRoute } from "../route";
import { HowMany, many } from "../search/many";
import { chosen, recommenders } from "../shelf";
import { t } from "../words";

/** Recommendations: for what somebody picks, or for a user who was learnt. */
export function Films() {
  const { params } = useRoute();
  const items = recommenders.value;
  const item = chosen(items, params["in"]);
  if (!item) return null;
  return (
    <div class="view films">
      <div class="heading">
        <Heading>{t("nav.films")}</Heading>
        <Picker
          label={t("picker.recommender")}
          items={items}
          value={item.name}
          onChange={(name) => go(address("films", { in: name }))}
        />
      </div>
      <Body key={item.name} item={item} params={params} />
    </div>
  );
}

function Body({ item, params }: { item: Item; params: Params }) {
  const byUser = params["user"] !== undefined || params["by"] === "user";
  const user = params["user"] ?? "";
  const picked = read(params["items"]);
  const seen = params["seen"] === "1";
  const k = many(params);
  const asked = byUser ? user !== "" : picked.length > 0;
  const answer = useLoaded(
    (signal) =>
      asked
        ? api.recommend(
            {
              name: item.name,
              ...(byUser ? { user } : { items: picked }),
              k,
              exclude_seen: !seen,
              explain: true,
            },
            signal,
          )
        : null,
    [item.name, item.version, byUser, user, params["items"], seen, k],
  );
  const found = answer.value?.recommendations;
  useEffect(() => {
    if (answer.value) learnRecommended(item.name, answer.value);
  }, [answer.value]);

  return (
    <>
      <Segmented
        label={t("films.for")}
        value={byUser ? "user" : "picked"}
        options={[
          { value: "picked", label: t(item.titled ? "films.for.titles" : "films.for.items") },
          { value: "user", label: t("films.for.user") },
        ]}
        onChange={(value) => set(value === "user" ? { by: "user", user: null } : { by: null, user: null })}
      />
      {byUser ? (
        <KeyBox
          name={item.name}
          value={user}
          onSubmit={(text) => set({ user: text, by: "user" })}
          suggest={async (text, signal) =>
            (await api.users(item.name, text, 8, signal)).users.map((key) => ({ key, count: null }))
          }
          label={t("films.user")}
          placeholder={t("films.user")}
          large
          main
        />
      ) : (
        <Picks item={item} picked={picked} />
      )}
      <div class="row">
        <Toggle
          label={t(byUser ? "films.seen.user" : "films.seen")}
          checked={seen}
          onChange={(on) => set({ seen: on })}
        />
        <HowMany value={k} />
      </div>
      {answer.error && <Problem error={answer.error} suggest={byUser ? other : undefined} />}
      {answer.busy && asked && !found && <Busy />}
      {!asked && !byUser && <Empty>{t(item.titled ? "films.how" : "films.how.items")}</Empty>}
      {asked && found && (
        <>
          <p class="unseen" role="status">
            {t("films.found", { n: found.length })}
          </p>
          {found.length > 0 ? (
            <Recommended name={item.name} found={found} add={byUser ? null : (one) => pick(picked, one)} />
          ) : (
            <Empty>{t("films.nothing")}</Empty>
          )}
        </>
      )}
    </>
  );
  function other(key: string) {
    return address("films", { ...params, user: key });
  }
}
