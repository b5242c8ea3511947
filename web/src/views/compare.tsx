import { api, type Item } from "../api";
import { ChangedKeys } from "../compare/changed";
import "../compare/compare.css";
import { Maps } from "../compare/maps";
import { OneKey } from "../compare/onekey";
import { Summary } from "../compare/summary";
import { IconButton } from "../parts/choice";
import { Count, whole } from "../parts/count";
import { Heading } from "../parts/heading";
import { SwapIcon } from "../parts/icons";
import { KeyBox } from "../parts/keybox";
import { useLoaded } from "../parts/loading";
import { Picker } from "../parts/picker";
import { Problem } from "../parts/problem";
import { Busy, Empty } from "../parts/state";
import { address, set, useRoute } from "../route";
import { alike, chosen, embeddings } from "../shelf";
import { t } from "../words";

export function Compare() {
  const { params } = useRoute();
  const all = embeddings.value;
  const a = chosen(all, params["a"]);
  const b =
    all.find((item) => item.name === params["b"]) ?? (a ? alike(a) : null) ?? all.find((item) => item !== a);
  if (!a || !b) return null;
  const k = whole(params["k"], 10);
  const name = params["key"] ?? null;
  return (
    <div class="view compare">
      <Heading>{t("compare.title")}</Heading>
      <div class="row pair">
        <Side label={t("compare.first")} item={a} onChange={(to) => set({ a: to, b: b.name })} />
        <IconButton label={t("compare.swap")} onClick={() => set({ a: b.name, b: a.name })}>
          <SwapIcon />
        </IconButton>
        <Side label={t("compare.second")} item={b} onChange={(to) => set({ a: a.name, b: to })} />
      </div>
      {a === b ? <Empty>{t("compare.same")}</Empty> : <Pair a={a} b={b} k={k} name={name} />}
    </div>
  );
}

function Side({ label, item, onChange }: { label: string; item: Item; onChange: (name: string) => void }) {
  return (
    <div class="side">
      <span class="small faint">{label}</span>
      <Picker label={label} items={embeddings.value} value={item.name} onChange={onChange} />
    </div>
  );
}

interface PairProps {
  a: Item;
  b: Item;
  k: number;
  name: string | null;
}

function Pair({ a, b, k, name }: PairProps) {
  const asked = [a.name, a.version, b.name, b.version, k];
  const names = { a: a.name, b: b.name };
  const { value, error, busy } = useLoaded((signal) => api.compare({ ...names, k }, signal), asked);
  const ready = value !== null;
  const linked = useLoaded(
    (signal) => (ready ? api.compareMap({ ...names }, signal) : null),
    [...asked, ready],
  );
  const to = (key: string) => address("compare", { ...names, key, k: k === 10 ? null : k });
  const choose = (key: string) => set({ ...names, key });

  if (error) return <Problem error={error} />;
  if (!value) return <Busy />;
  return (
    <>
      <Summary value={value} />
      {value.notes.map((note) => (
        <p key={note} class="small faint">
          {note}
        </p>
      ))}
      <section class="linked" aria-labelledby="linked" aria-busy={busy}>
        <h2 id="linked">{t("compare.maps")}</h2>
        <div class="row settings">
          <div class="box">
            <KeyBox
              name={a.name}
              value={name ?? ""}
              onSubmit={choose}
              label={t("compare.box")}
              placeholder={t("compare.placeholder")}
              main
            />
          </div>
          <Count
            label={t("compare.k")}
            value={k}
            options={[5, 10, 25, 50]}
            onChange={(n) => set({ ...names, k: n })}
          />
        </div>
        {linked.error && <Problem error={linked.error} />}
        {linked.value && (
          <>
            <p class="small faint">{t("compare.maps.how", { n: linked.value.keys.length })}</p>
            <Maps a={a.name} b={b.name} value={linked.value} chosen={name} onChoose={choose} />
          </>
        )}
        {linked.busy && !linked.value && <Busy />}
      </section>
      <div class="keys">
        <ChangedKeys value={value} chosen={name} to={to} />
        {name === null ? (
          <p class="faint">{t("compare.key.none")}</p>
        ) : (
          <OneKey a={a.name} b={b.name} name={name} k={k} to={to} />
        )}
      </div>
    </>
  );
}
