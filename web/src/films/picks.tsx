import { useRef, useState } from "preact/hooks";
import { api, type Item, type Suggestion, type TitledItem } from "../api";
import { CloseIcon } from "../parts/icons";
import { KeyBox } from "../parts/keybox";
import { set } from "../route";
import { shown, t } from "../words";
import { learnTitles, titleOf, written } from "./picked";

/** A box to add to what was picked, and what was. */
export function Picks({ item, picked }: { item: Item; picked: readonly string[] }) {
  const offered = useRef<TitledItem[]>([]);
  const [unknown, setUnknown] = useState<string | null>(null);

  async function suggest(text: string, signal: AbortSignal): Promise<Suggestion[]> {
    const { items } = await api.titles(item.name, text, 8, signal);
    learnTitles(item.name, items);
    offered.current = items;
    return items.map((one) => ({ key: one.title ?? one.item, count: one.count }));
  }
  async function add(text: string) {
    const said = text.trim();
    if (said === "") return;
    const found =
      offered.current.find((one) => (one.title ?? one.item) === text) ?? (await best(item.name, said));
    setUnknown(found ? null : said);
    if (found) pick(picked, found.item);
  }

  return (
    <div class="picks">
      <KeyBox
        name={item.name}
        value=""
        onSubmit={(text) => void add(text)}
        suggest={suggest}
        label={t(item.titled ? "films.add" : "films.add.item")}
        placeholder={t(item.titled ? "films.add" : "films.add.item")}
        emptied
        large
        main
      />
      {unknown !== null && <p role="alert">{t("films.unknown", { title: shown(unknown) })}</p>}
      {picked.length > 0 && (
        <ul class="chips" aria-label={t("films.picked")}>
          {picked.map((one) => (
            <li key={one}>
              <span class="key">{shown(titleOf(item.name, one))}</span>
              <button
                type="button"
                aria-label={t("films.remove", { title: shown(titleOf(item.name, one)) })}
                onClick={() => set({ items: written(picked.filter((other) => other !== one)) })}
              >
                <CloseIcon />
              </button>
            </li>
          ))}
          {picked.length > 1 && (
            <li class="bare">
              <button type="button" class="button quiet" onClick={() => set({ items: null })}>
                {t("films.none")}
              </button>
            </li>
          )}
        </ul>
      )}
      {picked.length === 0 && item.sample.length > 0 && (
        <div class="instances small">
          <span class="faint">{t("films.instance")}</span>
          {item.sample.map((title) => (
            <button key={title} type="button" class="key" onClick={() => void add(title)}>
              {shown(title)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

export const pick = (picked: readonly string[], item: string): void =>
  set({ items: written([...new Set([...picked, item])]), user: null });

/** What was meant by a text that was not chosen from the list: that very title, or else the first that fits. */
async function best(name: string, text: string): Promise<TitledItem | undefined> {
  const { items } = await api.titles(name, text, 8).catch(() => ({ items: [] }));
  learnTitles(name, items);
  const folded = text.toLocaleLowerCase();
  const same = (one: TitledItem) =>
    [one.title ?? "", one.item].some((said) => said.toLocaleLowerCase() === folded);
  return items.find(same) ?? items[0];
}
