import { useState } from "preact/hooks";
import type { Found, Hit } from "../api";
import { score, shown, t } from "../words";
import { pieces } from "./marked";

type Answered = Hit & { cut?: boolean };

/** Documents, the best first. */
export function Hits({ found }: { found: Found }) {
  return (
    <ol class="hits" aria-label={t("search.hits")}>
      {found.hits.map((hit, index) => (
        <li key={`${hit.id} ${index}`}>
          <Document hit={hit} place={index + 1} />
        </li>
      ))}
    </ol>
  );
}

function Document({ hit, place }: { hit: Answered; place: number }) {
  const [open, setOpen] = useState(false);
  const name = hit.title || hit.source || hit.id;
  const source = hit.source === name ? null : hit.source;
  const fields = Object.entries(hit.metadata).filter(([field]) => field !== "title");
  // What is shown already need not be opened.
  const more = hit.snippet === null || hit.text.trim() !== hit.snippet.text.trim();
  return (
    <article>
      <div class="top">
        <span class="place figure" aria-hidden="true">
          {place}
        </span>
        <h2 class="key">{shown(name)}</h2>
        <span class="score figure" title={t("answers.score")}>
          {score(hit.score)}
        </span>
      </div>
      {!open && (
        <p class="snippet">
          {hit.snippet ? (
            <Marked text={hit.snippet.text} found={hit.snippet.found} />
          ) : (
            hit.text.slice(0, 300)
          )}
        </p>
      )}
      {open && (
        <div class="whole">
          {hit.text}
          {hit.cut && <p class="faint">{t("search.cut")}</p>}
        </div>
      )}
      <div class="row small under">
        {more && (
          <button
            type="button"
            class="more"
            aria-expanded={open}
            aria-label={t(open ? "search.shut.of" : "search.open.of", { name: shown(name) })}
            onClick={() => setOpen(!open)}
          >
            {t(open ? "search.shut" : "search.open")}
          </button>
        )}
        {source && <span class="faint key">{shown(source)}</span>}
        {fields.map(([field, value]) => (
          <span key={field} class="meta key">
            <span class="faint">{shown(field)}</span> {shown(written(value))}
          </span>
        ))}
      </div>
    </article>
  );
}

function Marked({ text, found }: { text: string; found: readonly [number, number][] }) {
  return (
    <>
      {pieces(text, found).map((piece, index) =>
        piece.found ? <mark key={index}>{piece.text}</mark> : piece.text,
      )}
    </>
  );
}

const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
