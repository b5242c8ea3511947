import { useEffect, useState } from "preact/hooks";
import { CloseIcon } from "../parts/icons";
import { KeyBox } from "../parts/keybox";
import { shown, t } from "../words";
import type { Pair } from "./address";

const EMPTY: Pair = { names: ["", ""], keys: [[], []] };

interface PolesProps {
  name: string;
  axes: 1 | 2;
  poles: readonly Pair[];
  onDraw: (poles: Pair[]) => void;
}

const whole = ({ names: [low, high], keys: [first, second] }: Pair): boolean =>
  low !== "" && high !== "" && low !== high && first.length > 0 && second.length > 0;

/** Two named ends an axis, each with the keys that stand for it. */
export function Poles({ name, axes, poles, onDraw }: PolesProps) {
  const [draft, setDraft] = useState<Pair[]>([]);
  useEffect(() => {
    setDraft(Array.from({ length: axes }, (_, i) => poles[i] ?? EMPTY));
  }, [axes, JSON.stringify(poles)]);

  function change(
    axis: number,
    end: 0 | 1,
    of: (name: string, keys: readonly string[]) => [string, string[]],
  ) {
    setDraft(
      draft.map((pair, i) => {
        if (i !== axis) return pair;
        const [changed, keys] = of(pair.names[end], pair.keys[end]);
        return {
          names: end ? [pair.names[0], changed] : [changed, pair.names[1]],
          keys: end ? [pair.keys[0], keys] : [keys, pair.keys[1]],
        };
      }),
    );
  }

  const ready = draft.length === axes && draft.every(whole);
  return (
    <div class="poles">
      {draft.map((pair, axis) => (
        <fieldset key={axis}>
          <legend>{t(axis ? "map.poles.up" : "map.poles.across")}</legend>
          {([0, 1] as const).map((end) => (
            <End
              key={end}
              name={name}
              label={t(end ? "map.poles.high" : "map.poles.low")}
              title={pair.names[end]}
              keys={pair.keys[end]}
              onName={(title) => change(axis, end, (_, keys) => [title, [...keys]])}
              onKeys={(keys) => change(axis, end, (title) => [title || (keys[0] ?? ""), keys])}
            />
          ))}
        </fieldset>
      ))}
      {!ready && <p class="small faint">{t("map.poles.wanting")}</p>}
      <button type="button" class="button main" disabled={!ready} onClick={() => onDraw(draft)}>
        {t("map.poles.draw")}
      </button>
    </div>
  );
}

interface EndProps {
  name: string;
  label: string;
  title: string;
  keys: readonly string[];
  onName: (title: string) => void;
  onKeys: (keys: string[]) => void;
}

function End({ name, label, title, keys, onName, onKeys }: EndProps) {
  return (
    <div class="end">
      <label class="field">
        <span>{label}</span>
        <input
          class="input"
          aria-label={`${label}: ${t("map.poles.name")}`}
          value={title}
          maxLength={60}
          onInput={(event) => onName(event.currentTarget.value)}
        />
      </label>
      <KeyBox
        name={name}
        value=""
        emptied
        label={`${label}: ${t("map.poles.add")}`}
        placeholder={t("map.poles.add")}
        onSubmit={(key) => {
          if (key !== "" && !keys.includes(key)) onKeys([...keys, key]);
        }}
      />
      <ul class="chips">
        {keys.map((key) => (
          <li key={key} class="chip">
            <span class="key">{shown(key)}</span>
            <button
              type="button"
              aria-label={t("map.poles.remove", { key: shown(key) })}
              onClick={() => onKeys(keys.filter((other) => other !== key))}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
