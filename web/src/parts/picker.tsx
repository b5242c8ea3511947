import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Item } from "../api";
import { shown, t } from "../words";
import { DownIcon } from "./icons";

interface PickerProps {
  label: string;
  items: readonly Item[];
  value: string | null;
  onChange: (name: string) => void;
}

const many = 8; // from here on the list has a box to find a name in

export function sizes(item: Item): string {
  const entries = { embedding: "size.keys", collection: "size.entries", recommender: "size.items" } as const;
  const size = t(entries[item.kind], { n: item.size });
  return [size, item.dim ? t("size.dim", { n: item.dim }) : "", item.learner ?? ""]
    .filter(Boolean)
    .join(" · ");
}

/** Which thing of the shelf; a list that can be searched where it is long. */
export function Picker({ label, items, value, onChange }: PickerProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const shownItems = items.filter((item) => item.name.toLowerCase().includes(text.toLowerCase()));
  const current = items.find((item) => item.name === value);

  useEffect(() => {
    if (!open) return;
    setText("");
    setActive(
      Math.max(
        0,
        items.findIndex((item) => item.name === value),
      ),
    );
    (field.current ?? list.current)?.focus();
    const leave = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
    };
  }, [open]);
  useEffect(() => {
    list.current?.querySelector(".active")?.scrollIntoView({ block: "nearest" });
  }, [active, open]);

  function pick(item: Item | undefined) {
    if (!item) return;
    setOpen(false);
    button.current?.focus();
    if (item.name !== value) onChange(item.name);
  }
  function press(event: KeyboardEvent) {
    if (event.isComposing) return;
    const last = shownItems.length - 1;
    if (event.key === "ArrowDown") setActive((now) => Math.min(last, now + 1));
    else if (event.key === "ArrowUp") setActive((now) => Math.max(0, now - 1));
    else if (event.key === "Enter" || (event.key === " " && !field.current)) pick(shownItems[active]);
    else if (event.key === "Escape") {
      setOpen(false);
      button.current?.focus();
    } else return;
    event.preventDefault();
  }

  return (
    <div class="picker" ref={box}>
      <button
        ref={button}
        type="button"
        class="button"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-label={`${label}: ${value === null ? "" : shown(value)}`}
        onClick={() => setOpen(!open)}
      >
        <b>{value === null ? label : shown(value)}</b>
        {current && <small>{sizes(current)}</small>}
        <DownIcon />
      </button>
      {open && (
        // biome-ignore lint/a11y/noStaticElementInteractions: keys of the list and its box
        <div class="drop" onKeyDown={press}>
          {items.length > many && (
            <input
              ref={field}
              class="input"
              role="combobox"
              aria-label={t("picker.find")}
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={shownItems[active] ? `${id}-${active}` : undefined}
              placeholder={t("picker.find")}
              value={text}
              onInput={(event) => {
                setText(event.currentTarget.value);
                setActive(0);
              }}
            />
          )}
          <ul
            ref={list}
            id={`${id}-list`}
            role="listbox"
            tabIndex={items.length > many ? -1 : 0}
            aria-label={label}
            aria-activedescendant={shownItems[active] ? `${id}-${active}` : undefined}
          >
            {shownItems.map((item, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and its keys
              <li
                key={`${item.kind} ${item.name}`}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                class={index === active ? "active" : ""}
                aria-selected={item.name === value}
                onMouseMove={() => setActive(index)}
                onClick={() => pick(item)}
              >
                <b>{shown(item.name)}</b>
                <small>{sizes(item)}</small>
              </li>
            ))}
          </ul>
          {shownItems.length === 0 && <p class="faint small">{t("picker.none")}</p>}
        </div>
      )}
    </div>
  );
}
