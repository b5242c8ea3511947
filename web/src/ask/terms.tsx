import type { Term } from "../api";
import { CloseIcon, MinusIcon, PlusIcon } from "../parts/icons";
import { number, shown, t } from "../words";

interface TermsProps {
  terms: readonly Term[];
  /** The key that the panel beside tells of. */
  about: string | null;
  onAbout: (key: string) => void;
  onChange: (terms: Term[]) => void;
}

/** The terms of what was asked: each can be turned to minus and back, removed, or looked at. */
export function Terms({ terms, about, onAbout, onChange }: TermsProps) {
  const negate = (index: number) =>
    onChange(terms.map((term, i) => (i === index ? { ...term, weight: -term.weight } : term)));
  return (
    <ul class="terms" aria-label={t("ask.terms")}>
      {terms.map((term, index) => {
        const key = shown(term.key);
        const minus = term.weight < 0;
        return (
          <li key={index} class={minus ? "term minus" : "term"}>
            <button
              type="button"
              aria-label={t(minus ? "ask.term.plus" : "ask.term.minus", { key })}
              title={t(minus ? "ask.term.plus" : "ask.term.minus", { key })}
              onClick={() => negate(index)}
            >
              {minus ? <MinusIcon /> : <PlusIcon />}
            </button>
            <button
              type="button"
              class="key"
              aria-pressed={term.key === about}
              aria-label={t("ask.term.about", { key })}
              onClick={() => onAbout(term.key)}
            >
              {Math.abs(term.weight) !== 1 && <span class="faint">{number(Math.abs(term.weight))} × </span>}
              {key}
            </button>
            {terms.length > 1 && (
              <button
                type="button"
                aria-label={t("ask.term.remove", { key })}
                title={t("ask.term.remove", { key })}
                onClick={() => onChange(terms.filter((_, i) => i !== index))}
              >
                <CloseIcon />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
