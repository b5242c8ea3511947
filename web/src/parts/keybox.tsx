import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError, api, type Suggestion } from "../api";
import { short, shown, t } from "../words";
import { CloseIcon } from "./icons";
import { beyond, replaceTerm, termAt } from "./terms";

interface KeyBoxProps {
  /** The embedding that suggests. */
  name: string | null;
  /** What is asked now: the box shows it when it changes. */
  value: string;
  /** Enter, or a suggestion chosen where a whole key is wanted. */
  onSubmit: (text: string) => void;
  label: string;
  placeholder?: string;
  /** "term": suggestions are for the term at the caret, as in `king - man + woman`. Otherwise for the whole text. */
  completes?: "term" | "whole";
  large?: boolean;
  /** Other suggestions than keys of the embedding. */
  suggest?: (text: string, signal: AbortSignal) => Promise<Suggestion[]>;
  /** Empty the box after a choice: for lists that one adds to. */
  emptied?: boolean;
  /** Whether the shortcut "/" leads here. */
  main?: boolean;
}

const pause = 60; // milliseconds of silence before the server is asked: less than between two quick keys

/** A combobox (WAI-ARIA, list autocomplete, manual selection). Enter that ends a Korean composition is not Enter. */
export function KeyBox(props: KeyBoxProps) {
  const {
    name,
    value,
    onSubmit,
    label,
    placeholder,
    completes = "whole",
    large,
    emptied,
    main = false,
  } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef<AbortController | null>(null);
  const [draft, setDraft] = useState(value);
  const [found, setFound] = useState<Suggestion[]>([]);
  const [active, setActive] = useState(-1);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    setDraft(value);
    close();
  }, [value, name]);
  useEffect(() => () => asked.current?.abort(), []);

  function close() {
    asked.current?.abort();
    setOpen(false);
    setFound([]);
    setActive(-1);
  }

  async function look(text: string, caret: number) {
    asked.current?.abort();
    const stale = new AbortController();
    asked.current = stale;
    const wanted = completes === "term" ? termAt(text, caret).text : text.trim();
    if (wanted === "") return close();
    await new Promise((done) => setTimeout(done, pause));
    if (stale.signal.aborted) return;
    try {
      const keys = props.suggest
        ? await props.suggest(wanted, stale.signal)
        : name === null
          ? []
          : (await api.suggest(name, wanted, 8, stale.signal)).keys;
      if (stale.signal.aborted) return;
      setFound(beyond(keys, wanted));
      setActive(-1);
      setOpen(true);
    } catch (error) {
      // No suggestions are not worth a word: asking will say what is wrong.
      if (!stale.signal.aborted && error instanceof ApiError) close();
    }
  }

  function choose(suggestion: Suggestion) {
    close();
    if (completes === "whole") {
      setDraft(emptied ? "" : suggestion.key);
      onSubmit(suggestion.key);
      return;
    }
    const box = input.current;
    if (!box) return;
    const next = replaceTerm(draft, termAt(draft, box.selectionStart ?? draft.length), suggestion.key);
    setDraft(next.text);
    box.value = next.text;
    box.setSelectionRange(next.caret, next.caret);
    if (next.caret === next.text.length) onSubmit(next.text);
  }

  function submit() {
    close();
    onSubmit(draft);
    if (emptied) setDraft("");
  }

  function press(event: KeyboardEvent) {
    // 229: Safari says so of the Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") {
      event.preventDefault();
      const suggestion = open ? found[active] : undefined;
      if (suggestion) choose(suggestion);
      else submit();
    } else if (event.key === "Escape") {
      if (open) event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length > 0) {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      // -1 is the text itself.
      setActive((now) => ((now + 1 + step + found.length + 1) % (found.length + 1)) - 1);
    }
  }

  const showing = open && found.length > 0;
  return (
    <div class={large ? "keybox large" : "keybox"}>
      <input
        ref={input}
        class="input"
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={showing}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={showing && active >= 0 ? `${id}-${active}` : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="search"
        data-main={main ? "" : undefined}
        placeholder={placeholder}
        value={draft}
        onInput={(event) => {
          const box = event.currentTarget;
          setDraft(box.value);
          void look(box.value, box.selectionStart ?? box.value.length);
        }}
        onKeyDown={press}
        onBlur={close}
      />
      {draft !== "" && (
        <button
          type="button"
          class="button icon quiet clear"
          aria-label={t("clear")}
          onClick={() => {
            setDraft("");
            close();
            input.current?.focus();
          }}
        >
          <CloseIcon />
        </button>
      )}
      <ul id={`${id}-list`} role="listbox" aria-label={t("box.suggestions")} hidden={!showing}>
        {found.map((suggestion, index) => (
          <li
            key={suggestion.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => setActive(index)}
            onClick={() => choose(suggestion)}
            onKeyDown={press}
          >
            <span class="key">{shown(suggestion.key)}</span>
            {suggestion.count !== null && <small>{short(suggestion.count)}</small>}
          </li>
        ))}
      </ul>
      <span class="unseen" role="status">
        {showing ? t("box.found", { n: found.length }) : ""}
      </span>
    </div>
  );
}
