import { api } from "../api";
import { Answers } from "../parts/answers";
import { Link } from "../parts/link";
import { useLoaded } from "../parts/loading";
import { Problem } from "../parts/problem";
import { Busy } from "../parts/state";
import { address } from "../route";
import { percent, score, shown, t } from "../words";

interface OneKeyProps {
  a: string;
  b: string;
  name: string;
  k: number;
  to: (key: string) => string;
}

/** The neighbours of one key on both sides; what both name stands out. */
export function OneKey({ a, b, name, k, to }: OneKeyProps) {
  const { value, error, busy } = useLoaded(
    (signal) => api.compareKey({ a, b, key: name, k }, signal),
    [a, b, name, k],
  );
  if (error) return <Problem error={error} suggest={to} />;
  if (!value) return <Busy />;
  const both = new Set(value.both);
  const most = Math.max(value.a.length, value.b.length);
  return (
    <section class="onekey" aria-busy={busy} aria-labelledby="onekey">
      <div class="row">
        <h2 id="onekey" class="key">
          {shown(value.key)}
        </h2>
        <p class="small faint figure">
          {[
            t("compare.key.both", { n: both.size, k: most }),
            `${t("compare.jaccard")} ${percent(value.jaccard)}`,
            t("compare.key.cosine", { value: score(value.cosine) }),
          ].join(" · ")}
        </p>
      </div>
      <div class="two">
        {[[a, value.a] as const, [b, value.b] as const].map(([side, neighbours]) => (
          <div key={side}>
            <h3>
              <Link to={address("ask", { in: side, q: name })}>{shown(side)}</Link>
            </h3>
            <Answers neighbours={neighbours} metric="cosine" to={to} label={shown(side)} marked={both} />
          </div>
        ))}
      </div>
      <p class="small faint">{t("compare.key.marked")}</p>
    </section>
  );
}
