import { useEffect, useState } from "preact/hooks";
import type { Changed, Comparison } from "../api";
import { Segmented } from "../parts/choice";
import { Link } from "../parts/link";
import { percent, score, shown, t } from "../words";

const page = 20;

interface ListProps {
  value: Comparison;
  chosen: string | null;
  to: (key: string) => string;
}

/** The keys whose neighbours changed most, or least; more of them on demand. */
export function ChangedKeys({ value, chosen, to }: ListProps) {
  const [which, setWhich] = useState<"changed" | "steady">("changed");
  const [length, setLength] = useState(page);
  useEffect(() => setLength(page), [value, which]);
  const all = value[which];
  return (
    <section class="changed" aria-label={t("compare.list")}>
      <Segmented
        label={t("compare.list")}
        value={which}
        options={[
          { value: "changed", label: t("compare.changed") },
          { value: "steady", label: t("compare.steady") },
        ]}
        onChange={setWhich}
      />
      <table>
        <thead>
          <tr>
            <th scope="col">{t("answers.key")}</th>
            <th scope="col">{t("compare.jaccard")}</th>
            <th scope="col">{t("compare.cosine")}</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, length).map((one) => (
            <Row key={one.key} one={one} to={to} chosen={one.key === chosen} />
          ))}
        </tbody>
      </table>
      {all.length > length && (
        <div>
          <button type="button" class="button" onClick={() => setLength(length + page)}>
            {t("more")}
          </button>
        </div>
      )}
    </section>
  );
}

function Row({ one, to, chosen }: { one: Changed; to: (key: string) => string; chosen: boolean }) {
  return (
    <tr class={chosen ? "chosen" : ""}>
      <th scope="row">
        <Link to={to(one.key)} class="key" aria-current={chosen ? "true" : undefined}>
          {shown(one.key)}
        </Link>
      </th>
      <td class="figure">{percent(one.jaccard)}</td>
      <td class="figure">{score(one.cosine)}</td>
    </tr>
  );
}
