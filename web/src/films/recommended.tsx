import type { Recommendation } from "../api";
import { IconButton } from "../parts/choice";
import { PlusIcon } from "../parts/icons";
import { Link } from "../parts/link";
import { address } from "../route";
import { named } from "../shelf";
import { score, shown, t } from "../words";
import { titleOf } from "./picked";

interface RecommendedProps {
  name: string;
  found: readonly Recommendation[];
  /** Adds one to what was picked; null where nothing is picked. */
  add: ((item: string) => void) | null;
}

/** What is recommended, and because of what. */
export function Recommended({ name, found, add }: RecommendedProps) {
  const items = `${name}/items`;
  const asked = named(items, "embedding") !== undefined;
  const most = Math.max(0, ...found.map((one) => one.score));
  const told = (item: string, title: string | null) => title ?? titleOf(name, item);
  return (
    <ol class="recommended" aria-label={t("films.recommended")}>
      {found.map((one, index) => {
        const title = told(one.item, one.title);
        return (
          <li key={one.item}>
            <span class="place figure" aria-hidden="true">
              {index + 1}
            </span>
            <div class="what">
              {asked ? (
                <Link
                  to={address("ask", { in: items, q: title })}
                  class="key title"
                  title={t("films.similar")}
                >
                  {shown(title)}
                </Link>
              ) : (
                <span class="key title">{shown(title)}</span>
              )}
              <span class="bar" aria-hidden="true">
                <i
                  ref={(bar) =>
                    bar?.style.setProperty(
                      "width",
                      `${most > 0 ? (Math.max(0, one.score) / most) * 100 : 0}%`,
                    )
                  }
                />
              </span>
              {one.because.length > 0 && (
                <p class="small faint">
                  {t("films.because", {
                    titles: one.because.map((reason) => shown(told(reason.item, reason.title))).join(" · "),
                  })}
                </p>
              )}
            </div>
            <span class="score figure">{score(one.score)}</span>
            {add && (
              <IconButton label={t("films.pick", { title: shown(title) })} onClick={() => add(one.item)}>
                <PlusIcon />
              </IconButton>
            )}
          </li>
        );
      })}
    </ol>
  );
}
