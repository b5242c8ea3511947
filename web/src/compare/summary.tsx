import type { ComponentChildren } from "preact";
import type { Comparison } from "../api";
import { number, percent, score, t } from "../words";

/** What two embeddings have in common, in five figures and a histogram. */
export function Summary({ value }: { value: Comparison }) {
  const { overlap } = value;
  const agreement = value.alignment["cosine"];
  return (
    <section class="summary">
      <dl class="sizes">
        <Figure name={t("compare.shared")} value={number(value.shared)} />
        <Figure name={t("compare.only", { name: value.a })} value={number(value.only_a)} />
        <Figure name={t("compare.only", { name: value.b })} value={number(value.only_b)} />
      </dl>
      <div>
        <dl>
          <Figure name={t("compare.overlap")} value={percent(overlap.mean, 1)}>
            {t("compare.overlap.interval", { low: percent(overlap.low, 1), high: percent(overlap.high, 1) })}
          </Figure>
        </dl>
        <p class="small faint">{t("compare.overlap.how", { k: value.k, n: value.compared })}</p>
        <Histogram counts={overlap.histogram} />
      </div>
      {agreement !== undefined && (
        <div>
          <dl>
            <Figure name={t("compare.alignment")} value={score(agreement)} />
          </dl>
          <p class="small faint">{t("compare.alignment.how")}</p>
        </div>
      )}
    </section>
  );
}

function Figure({ name, value, children }: { name: string; value: string; children?: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="figure">
        {value}
        {children && <small> {children}</small>}
      </dd>
    </div>
  );
}

const width = 220;
const height = 56;

function Histogram({ counts }: { counts: readonly number[] }) {
  const most = Math.max(...counts, 1);
  const step = width / counts.length;
  return (
    <figure class="histogram">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("compare.histogram")}
      >
        {counts.map((n, index) => {
          const tall = n === 0 ? 0 : Math.max(1, (n / most) * height);
          const low = percent(index / counts.length);
          const high = percent((index + 1) / counts.length);
          return (
            <g key={index}>
              <title>{t("compare.histogram.bar", { low, high, n })}</title>
              <rect x={index * step} y={0} width={step} height={height} class="ground" />
              <rect x={index * step + 1} y={height - tall} width={step - 2} height={tall} />
            </g>
          );
        })}
      </svg>
      <figcaption class="small faint figure" aria-hidden="true">
        <span>0</span>
        <span>{percent(1)}</span>
      </figcaption>
    </figure>
  );
}
