import { useEffect, useState } from "preact/hooks";
import { api, type Item, picture } from "../api";
import { CopyIcon, MapIcon } from "../parts/icons";
import { Link } from "../parts/link";
import { useLoaded } from "../parts/loading";
import { Problem } from "../parts/problem";
import { address } from "../route";
import { alike } from "../shelf";
import { number, score, shown, t } from "../words";

/** What is known of one key: how often it occurs, how long its vector is, the vector itself. */
export function About({ item, name }: { item: Item; name: string }) {
  const { value, error } = useLoaded((signal) => api.vector(item.name, name, signal), [item.name, name]);
  const other = alike(item);
  return (
    <aside class="about" aria-label={t("ask.term.about", { key: shown(name) })}>
      <h2 class="key">{shown(name)}</h2>
      {item.pictures && <img src={picture(item.name, name, 512)} alt="" />}
      {error && <Problem error={error} />}
      {value && (
        <>
          <dl class="facts">
            {value.count !== null && (
              <div>
                <dt>{t("ask.about.count")}</dt>
                <dd class="figure">{number(value.count)}</dd>
              </div>
            )}
            {value.row !== null && !value.from_subwords && (
              <div>
                <dt>{t(item.counted ? "ask.about.row" : "ask.about.order")}</dt>
                <dd class="figure">{number(item.counted ? value.row + 1 : value.row)}</dd>
              </div>
            )}
            <div>
              <dt>{t("ask.about.norm")}</dt>
              <dd class="figure">{score(value.norm)}</dd>
            </div>
          </dl>
          {value.from_subwords && <p class="small faint">{t("ask.about.subwords")}</p>}
          <figure class="small faint">
            <Fingerprint vector={value.vector} />
            <figcaption>
              {t("ask.about.vector")} · {t("size.dim", { n: value.vector.length })}
            </figcaption>
          </figure>
          <div class="row">
            {!value.from_subwords && (
              <Link class="button" to={address("map", { in: item.name, key: name })}>
                <MapIcon />
                {t("ask.about.map")}
              </Link>
            )}
            <CopyVector vector={value.vector} />
            {other && (
              <Link class="button" to={address("compare", { a: item.name, b: other.name, key: name })}>
                {t("ask.about.compare")}
              </Link>
            )}
          </div>
        </>
      )}
    </aside>
  );
}

function CopyVector({ vector }: { vector: readonly number[] }) {
  const [said, setSaid] = useState<"copied" | "copy.failed" | null>(null);
  useEffect(() => setSaid(null), [vector]);
  async function copy() {
    try {
      // Without a secure origin there is no clipboard at all.
      await navigator.clipboard.writeText(JSON.stringify(vector));
      setSaid("copied");
    } catch {
      setSaid("copy.failed");
    }
  }
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      <CopyIcon />
      <span aria-live="polite">{t(said ?? "ask.about.copy")}</span>
    </button>
  );
}

const width = 300;
const height = 48;
const bars = 100;

/** The first numbers of a vector as bars around zero: a picture by which one vector is told from another. */
function Fingerprint({ vector }: { vector: readonly number[] }) {
  const drawn = vector.slice(0, bars);
  const most = Math.max(...drawn.map(Math.abs)) || 1;
  const step = width / drawn.length;
  const path = drawn
    .map(
      (value, index) =>
        `M${((index + 0.5) * step).toFixed(2)} ${height / 2}v${((-value / most) * (height / 2)).toFixed(2)}`,
    )
    .join("");
  return (
    <svg class="fingerprint" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={`M0 ${height / 2}h${width}`} class="zero" />
      <path d={path} stroke-width={Math.min(8, Math.max(1, step * 0.6))} />
    </svg>
  );
}
