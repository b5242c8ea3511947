import { useState } from "preact/hooks";
import { CloseIcon } from "../parts/icons";
import { KeyBox } from "../parts/keybox";
import { set } from "../route";
import { shown, t } from "../words";
import { typedArrows, type Wanted, writtenArrows } from "./address";

interface ArrowsProps {
  name: string;
  arrows: Wanted["arrows"];
  missing: readonly string[];
}

/** Differences of vectors, drawn as arrows from one key to another. */
export function ArrowList({ name, arrows, missing }: ArrowsProps) {
  const [from, setFrom] = useState("");
  const [unread, setUnread] = useState(false);
  const keep = (next: Wanted["arrows"]) => {
    const once = new Map(next.map((pair) => [JSON.stringify(pair), pair]));
    set({ arrows: writtenArrows([...once.values()]) });
  };
  return (
    <details open={arrows.length > 0}>
      <summary>{t("map.arrows")}</summary>
      <div class="stack">
        <KeyBox
          name={name}
          value={from}
          label={t("map.arrows.from")}
          placeholder={t("map.arrows.from")}
          onSubmit={setFrom}
        />
        <KeyBox
          name={name}
          value=""
          emptied
          label={t("map.arrows.to")}
          placeholder={t("map.arrows.to")}
          onSubmit={(to) => {
            if (from === "" || to === "") return;
            keep([...arrows, [from, to]]);
            setFrom("");
          }}
        />
        <form
          class="line"
          onSubmit={(event) => {
            event.preventDefault();
            const box = new FormData(event.currentTarget).get("pairs");
            const typed = typedArrows(String(box ?? ""));
            setUnread(typed.length === 0);
            if (typed.length === 0) return;
            keep([...arrows, ...typed]);
            event.currentTarget.reset();
          }}
        >
          <label class="field">
            <span>{t("map.arrows.text")}</span>
            <input class="input" name="pairs" autocomplete="off" placeholder={t("map.arrows.place")} />
          </label>
          <button type="submit" class="button">
            {t("map.arrows.add")}
          </button>
        </form>
        {unread && (
          <p class="small faint" role="alert">
            {t("map.arrows.unread")}
          </p>
        )}
        {missing.length > 0 && (
          <p class="small faint key">{t("map.arrows.missing", { keys: missing.map(shown).join(", ") })}</p>
        )}
        <ul class="chips">
          {arrows.map((pair) => (
            <li key={JSON.stringify(pair)} class="chip">
              <span class="key">
                {shown(pair[0])} → {shown(pair[1])}
              </span>
              <button
                type="button"
                aria-label={t("map.arrows.remove", { from: shown(pair[0]), to: shown(pair[1]) })}
                onClick={() => keep(arrows.filter((other) => other !== pair))}
              >
                <CloseIcon />
              </button>
            </li>
          ))}
        </ul>
        {arrows.length > 1 && (
          <button type="button" class="button quiet" onClick={() => keep([])}>
            {t("map.arrows.clear")}
          </button>
        )}
      </div>
    </details>
  );
}
