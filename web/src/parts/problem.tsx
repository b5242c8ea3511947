import { ApiError } from "../api";
import { shown, t } from "../words";
import { Link } from "./link";

interface ProblemProps {
  error: Error;
  /** What was asked, where the error may say the place in it. */
  text?: string | undefined;
  /** The address of one of the suggestions. */
  suggest?: ((key: string) => string) | undefined;
}

/** What went wrong: the server's sentence, the place in what was asked, what may have been meant. */
export function Problem({ error, text, suggest }: ProblemProps) {
  const { position = null, suggestions = [] } = error instanceof ApiError ? error : {};
  return (
    <div class="problem" role="alert">
      <p>{sentence(error)}</p>
      {text !== undefined && position !== null && <Place text={text} position={position} />}
      {suggestions.length > 0 && suggest && (
        <div class="row">
          <span class="faint">{t("problem.suggestions")}</span>
          <ul>
            {suggestions.map((key) => (
              <li key={key}>
                <Link to={suggest(key)} class="key">
                  {shown(key)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function sentence(error: Error): string {
  if (!(error instanceof ApiError)) return t("problem.title");
  if (error.type === "unreachable") return t("problem.unreachable");
  return error.message || t("problem.unreadable");
}

/** The text with a caret under the place; the server counts characters, not UTF-16 units. */
function Place({ text, position }: { text: string; position: number }) {
  const before = [...text].slice(0, position).join("");
  const after = [...text].slice(position).join("");
  return (
    <pre>
      {before}
      <mark class="place">{after || " "}</mark>
      <span class="unseen">{t("problem.place")}</span>
    </pre>
  );
}
