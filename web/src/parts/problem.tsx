import { ApiError } from "../api";
import { shown, t, type Word } from "../words";
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
      <p>
        <strong>{t(title(error))}</strong>
      </p>
      {sentence(error, suggest !== undefined) && <p lang="en">{sentence(error, suggest !== undefined)}</p>}
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

const titles: Readonly<Record<string, Word>> = {
  bad_input: "problem.bad_input",
  malformed_expression: "problem.malformed_expression",
  unknown_key: "problem.unknown_key",
  unknown_name: "problem.unknown_name",
  too_slow: "problem.timeout",
  timeout: "problem.timeout",
  busy: "problem.busy",
  extra_missing: "problem.extra_missing",
  read_only: "problem.read_only",
  unreachable: "problem.unreachable",
  unreadable: "problem.unreadable",
};

const title = (error: Error): Word =>
  (error instanceof ApiError ? titles[error.type] : undefined) ?? "problem.title";

/** The server's sentence, which is in English; less the suggestions where they follow as links. */
function sentence({ message }: Error, linked: boolean): string {
  return linked ? message.replace(/ Did you mean .*?\?(?= |$)/u, "") : message;
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
