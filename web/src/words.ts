// Every word on the page, in English and Korean.
//
// `{name}` is replaced by a value: numbers are written as the language writes them. `{name:one|other}` is one of two
// forms: by plural for a number; in Korean, by the final consonant for text ("{key}{key:을|를}").
import { effect, signal } from "@preact/signals";
import { store, stored } from "./stored";
import * as ask from "./words/ask";
import * as compare from "./words/compare";
import { en } from "./words/en";
import * as films from "./words/films";
import { ko } from "./words/ko";
import * as learn from "./words/learn";
import * as map from "./words/map";
import * as search from "./words/search";

export const languages = ["en", "ko"] as const;
export type Language = (typeof languages)[number];

const english = { ...en, ...ask.en, ...compare.en, ...films.en, ...learn.en, ...map.en, ...search.en };
export type Word = keyof typeof english;

// A word without a Korean one does not compile.
const korean: Record<Word, string> = {
  ...ko,
  ...ask.ko,
  ...compare.ko,
  ...films.ko,
  ...learn.ko,
  ...map.ko,
  ...search.ko,
};

const words: Record<Language, Record<Word, string>> = { en: english, ko: korean };

function firstLanguage(): Language {
  const kept = stored("language");
  const wanted = [kept ?? "", ...navigator.languages].map((name) => name.slice(0, 2).toLowerCase());
  for (const name of wanted) {
    const found = languages.find((language) => language === name);
    if (found) return found;
  }
  return "en";
}

export const language = signal<Language>(firstLanguage());

effect(() => {
  document.documentElement.lang = language.value;
});

export function speak(chosen: Language): void {
  language.value = chosen;
  store("language", chosen);
}

export type Values = Record<string, string | number>;

/** One word or sentence in the language of the page. */
export function t(word: Word, values: Values = {}): string {
  return fill(words[language.value][word], values, language.value);
}

export function fill(text: string, values: Values, spoken: Language): string {
  return text.replace(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, first?: string, second?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (first === undefined || second === undefined)
        return typeof value === "number" ? number(value) : value;
      if (typeof value === "number")
        return new Intl.PluralRules(spoken).select(value) === "one" ? first : second;
      return particle(value, first, second);
    },
  );
}

function particle(text: string, afterConsonant: string, afterVowel: string): string {
  const last = text.normalize("NFC").codePointAt(text.normalize("NFC").length - 1) ?? 0;
  if (last < 0xac00 || last > 0xd7a3) return `${afterConsonant}(${afterVowel})`;
  return (last - 0xac00) % 28 ? afterConsonant : afterVowel;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(language.value, options).format(value);
}

/** A score: three decimals, so that columns line up, and a real minus sign. */
export function score(value: number): string {
  const digits = Math.abs(value) >= 100 ? 1 : 3;
  return number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
}

export function percent(share: number, digits = 0): string {
  return number(share, { style: "percent", maximumFractionDigits: digits });
}

/** 12345 as "12K" or "1.2만". */
export function short(value: number): string {
  return number(value, { notation: "compact", maximumFractionDigits: 1 });
}

/** A key as it can be shown: control characters are written out, the empty key is named. */
export function shown(key: string): string {
  if (key === "") return t("key.empty");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return key.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => {
    return c === "\n" ? "⏎" : c === "\t" ? "⇥" : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
