import type { ApiError } from "../api";
import { api, type Selection } from "../api";
import { Link } from "../parts/link";
import { Problem } from "../parts/problem";
import { address, set } from "../route";
import { number, shown, t } from "../words";
import type { Geometry } from "./geometry";
import { download } from "./saving";

interface PickedProps {
  geometry: Geometry;
  mask: Uint8Array<ArrayBuffer>;
  selection: Selection | null;
  error: ApiError | null;
  onClear: () => void;
}

/** The keys in the lasso. */
export function Picked({ geometry, mask, selection, error, onClear }: PickedProps) {
  const { map, name } = geometry.state;
  async function save(format: "tsv" | "csv") {
    download(await api.selectionFile(map, mask, format), `${name.replaceAll("/", "-")}.${format}`);
  }
  return (
    <section class="card" aria-label={t("map.picked")} data-picked={selection?.count}>
      <div class="caption">
        <h2>{t("map.picked")}</h2>
        {selection && <span class="small faint">{t("map.picked.count", { n: selection.count })}</span>}
        <button type="button" class="button quiet" onClick={onClear}>
          {t("map.picked.clear")}
        </button>
      </div>
      {error && <Problem error={error} />}
      {selection?.count === 0 && <p class="small faint">{t("map.picked.none")}</p>}
      {selection && selection.count > 0 && (
        <>
          <ul class="keys">
            {selection.keys.map((key, i) => (
              <li key={i}>
                <button type="button" class="key" onClick={() => set({ q: key })}>
                  {shown(key)}
                </button>
              </li>
            ))}
          </ul>
          {selection.count > selection.keys.length && (
            <p class="small faint">{t("map.picked.first", { n: selection.keys.length })}</p>
          )}
          <fieldset class="row" aria-label={t("map.save.keys")}>
            {(["tsv", "csv"] as const).map((format) => (
              <button key={format} type="button" class="button" onClick={() => void save(format)}>
                {t(`map.save.${format}`)}
              </button>
            ))}
          </fieldset>
        </>
      )}
    </section>
  );
}

/** The point that was clicked, or chosen by key. */
export function Chosen({
  geometry,
  point,
  cluster,
}: {
  geometry: Geometry;
  point: number;
  cluster: string | null;
}) {
  const { names, dim, coordinates, state } = geometry;
  const key = names.get(point);
  const times = names.count(point);
  if (key === undefined) return null;
  const place = [...coordinates.subarray(point * dim, point * dim + dim)];
  return (
    <section class="card" aria-label={t("map.point")}>
      <h2 class="key">{shown(key)}</h2>
      <p class="small faint figure">
        {[
          times === undefined ? "" : t("map.point.count", { n: times }),
          `(${place.map((value) => number(value, { maximumFractionDigits: 3 })).join(", ")})`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {cluster && <p class="small faint key">{cluster}</p>}
      <div class="row">
        <button type="button" class="button" onClick={() => set({ q: key })}>
          {t("map.point.neighbours")}
        </button>
        <Link class="button quiet" to={address("ask", { in: state.name, q: key })}>
          {t("map.point.ask")}
        </Link>
      </div>
    </section>
  );
}
