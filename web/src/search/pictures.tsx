import { useState } from "preact/hooks";
import { api, type Item, picture } from "../api";
import { KeyBox } from "../parts/keybox";
import { Link } from "../parts/link";
import { useLoaded } from "../parts/loading";
import { Problem } from "../parts/problem";
import { Busy } from "../parts/state";
import { address, type Params, set } from "../route";
import { number, score, shown, t } from "../words";
import { HowMany, many } from "./many";

const page = 48;
const usual = 24;

/** An embedding of pictures: a page of them to begin with, then those that are like one. */
export function Pictures({ item, params }: { item: Item; params: Params }) {
  const key = params["key"];
  return (
    <>
      <KeyBox
        name={item.name}
        value={key ?? ""}
        onSubmit={(text) => set({ key: text || null })}
        label={t("search.picture")}
        placeholder={t("search.picture")}
        main
      />
      {key === undefined ? (
        <Page item={item} params={params} />
      ) : (
        <Alike item={item} chosen={key} params={params} />
      )}
    </>
  );
}

function Page({ item, params }: { item: Item; params: Params }) {
  const last = Math.max(0, Math.ceil(item.size / page) - 1);
  const asked = Number(params["page"] ?? 1) - 1;
  const at = Number.isInteger(asked) ? Math.min(last, Math.max(0, asked)) : 0;
  const first = at * page;
  const count = Math.min(page, item.size - first);
  const found = useLoaded(
    (signal) =>
      api.keys(
        item.name,
        Array.from({ length: count }, (_, index) => first + index),
        signal,
      ),
    [item.name, item.version, first, count],
  );
  const to = (other: number) => address("search", { in: item.name, page: other > 0 ? other + 1 : null });
  return (
    <>
      {found.error && <Problem error={found.error} />}
      {found.busy && !found.value && <Busy />}
      <Grid
        item={item}
        pictures={(found.value?.keys ?? []).map((key) => ({ key }))}
        label={t("search.pictures")}
      />
      {last > 0 && (
        <nav class="row pages" aria-label={t("search.pages")}>
          {at > 0 && (
            <Link class="button" to={to(at - 1)}>
              {t("search.before")}
            </Link>
          )}
          <span class="faint figure">
            {t("search.shown", {
              first: number(first + 1),
              last: number(first + count),
              all: number(item.size),
            })}
          </span>
          {at < last && (
            <Link class="button" to={to(at + 1)}>
              {t("search.after")}
            </Link>
          )}
          <button type="button" class="button quiet" onClick={() => set({ page: 1 + other(at, last) })}>
            {t("search.anywhere")}
          </button>
        </nav>
      )}
    </>
  );
}

/** A page that is not this one. */
const other = (at: number, last: number): number => (at + 1 + Math.floor(Math.random() * last)) % (last + 1);

function Alike({ item, chosen, params }: { item: Item; chosen: string; params: Params }) {
  const k = many(params, usual);
  const answer = useLoaded(
    (signal) => api.similar({ name: item.name, key: chosen, k }, signal),
    [item.name, item.version, chosen, k],
  );
  return (
    <>
      {answer.error ? (
        <Problem
          error={answer.error}
          suggest={(key) => address("search", { in: item.name, key, k: k === usual ? null : k })}
        />
      ) : (
        <figure class="chosen">
          <Thumbnail name={item.name} of={chosen} size={512} />
          <figcaption>
            <span class="faint small">{t("search.like")}</span>
            <span class="key">{shown(chosen)}</span>
            <span class="row">
              <HowMany value={k} usual={usual} />
              <Link class="button" to={address("search", { in: item.name })}>
                {t("search.all")}
              </Link>
            </span>
          </figcaption>
        </figure>
      )}
      {answer.busy && !answer.value && <Busy />}
      <Grid item={item} pictures={answer.value?.neighbours ?? []} label={t("search.alike")} k={k} />
    </>
  );
}

interface GridProps {
  item: Item;
  pictures: readonly { key: string; score?: number }[];
  label: string;
  k?: number;
}

function Grid({ item, pictures, label, k = usual }: GridProps) {
  return (
    <ul class="grid" aria-label={label}>
      {pictures.map((one) => (
        <li key={one.key}>
          <Link
            to={address("search", { in: item.name, key: one.key, k: k === usual ? null : k })}
            title={shown(one.key)}
          >
            <Thumbnail name={item.name} of={one.key} size={256} />
            <span class="caption small">
              <span class="key">{shown(one.key)}</span>
              {one.score !== undefined && <span class="figure">{score(one.score)}</span>}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** A picture, or a word where its file is gone. */
function Thumbnail({ name, of, size }: { name: string; of: string; size: number }) {
  const source = picture(name, of, size);
  const [gone, setGone] = useState<string | null>(null);
  if (gone === source) return <span class="gone small faint">{t("search.gone")}</span>;
  return <img src={source} alt="" loading="lazy" onError={() => setGone(source)} />;
}
