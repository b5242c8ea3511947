import { type Item, picture } from "../api";
import { Link } from "../parts/link";
import { expression } from "../parts/terms";
import { shown, t } from "../words";

/** Questions to begin with, made of keys of this embedding. */
export function questions(item: Item): string[] {
  const [first, second, third, fourth] = item.sample;
  const asked = item.sample.slice(0, 4);
  if (item.pictures) return item.sample;
  if (first !== undefined && second !== undefined && third !== undefined) {
    const weights = [1, -1, 1];
    asked.push(expression([first, second, third].map((key, i) => ({ key, weight: weights[i] ?? 1 }))));
  }
  if (third !== undefined && fourth !== undefined && !/\s/u.test(third + fourth))
    asked.push(`${third} ${fourth}`);
  return asked;
}

export function Examples({ item, to }: { item: Item; to: (query: string) => string }) {
  const asked = questions(item);
  if (asked.length === 0) return null;
  return (
    <section class="try" aria-labelledby="try">
      <h2 id="try">{t("ask.try")}</h2>
      <ul>
        {asked.map((query) => (
          <li key={query}>
            {item.pictures ? (
              <Link to={to(query)} class="pictured">
                <img src={picture(item.name, query, 256)} alt="" loading="lazy" width={112} height={112} />
                {shown(query)}
              </Link>
            ) : (
              <Link to={to(query)} class="button">
                <span class="key">{shown(query)}</span>
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
