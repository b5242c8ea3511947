// Reading and writing expressions such as `king - man + woman`, as the server reads them.
import type { Suggestion, Term } from "../api";

const signs = new Set(["+", "-", "−", "–", "＋", "－", "*", "×"]);

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

/** The pieces between spaces; a piece in quotes may hold spaces, also while its end is still missing. */
function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/u.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const start = at;
    const quote = text[at];
    let content = "";
    if (quote === '"' || quote === "'") {
      at += 1;
      while (at < text.length && text[at] !== quote) {
        if (text[at] === "\\") at += 1;
        content += text[at] ?? "";
        at += 1;
      }
      at += 1;
    } else {
      while (at < text.length && !/\s/u.test(text[at] ?? "")) {
        content += text[at];
        at += 1;
      }
    }
    found.push({
      text: content,
      start,
      end: Math.min(at, text.length),
      quoted: content !== text.slice(start, at),
    });
  }
  return found;
}

const isSign = (piece: Piece | undefined): boolean =>
  piece !== undefined && !piece.quoted && signs.has(piece.text);

export interface Place {
  /** What stands between the signs around the caret, up to the caret. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The term at the caret: what suggestions are for, and what a chosen one replaces. */
export function termAt(text: string, caret: number): Place {
  const all = pieces(text);
  let start = 0;
  let end = text.length;
  for (const piece of all) {
    if (!isSign(piece)) continue;
    if (piece.end < caret || (piece.end === caret && caret === text.length && all.length > 1))
      start = piece.end;
    else if (piece.start >= caret) {
      end = piece.start;
      break;
    }
  }
  while (start < caret && /\s/u.test(text[start] ?? "")) start += 1;
  while (end > caret && /\s/u.test(text[end - 1] ?? "")) end -= 1;
  const typed = text.slice(start, Math.max(start, caret));
  const [first, second] = pieces(typed);
  return { text: first?.quoted && !second ? first.text : typed.trim(), start, end };
}

/** A key as it is written in an expression: in quotes where it would be read as something else. */
export function written(key: string): string {
  const plain = key !== "" && !/\s/u.test(key) && !/^["']/u.test(key) && !signs.has(key);
  return plain ? key : `"${key.replace(/["\\]/gu, "\\$&")}"`;
}

/** The text with a chosen key in place of the term at the caret, and where the caret is then. */
export function replaceTerm(text: string, place: Place, key: string): { text: string; caret: number } {
  const alone = place.start === 0 && place.end >= text.trimEnd().length;
  const chosen = alone ? key : written(key);
  return {
    text: text.slice(0, place.start) + chosen + text.slice(place.end),
    caret: place.start + chosen.length,
  };
}

/** The text with `key` in place of the term that the server's message names; `key` alone where there is no such term. */
export function repaired(text: string, message: string, key: string): string {
  const all = pieces(text);
  const wrong = all.find((piece) => !isSign(piece) && message.includes(`'${piece.text}'`));
  if (!wrong || all.length < 2) return key;
  return text.slice(0, wrong.start) + written(key) + text.slice(wrong.end);
}

/** An expression of these terms; of one key with weight 1, the key itself. */
export function expression(terms: readonly Term[]): string {
  const [only] = terms;
  if (terms.length === 1 && only?.weight === 1) return only.key;
  return terms
    .map(({ key, weight }, index) => {
      const sign = weight < 0 ? (index ? " - " : "- ") : index ? " + " : "";
      const size = Math.abs(weight) === 1 ? "" : `${Math.abs(weight)} * `;
      return sign + size + written(key);
    })
    .join("");
}

/** Suggestions that add something to what is typed already. */
export const beyond = (found: readonly Suggestion[], typed: string): Suggestion[] =>
  found.length === 1 && found[0]?.key === typed ? [] : [...found];
