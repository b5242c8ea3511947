import { useState } from "preact/hooks";
import { score, shown, t } from "../words";
import type { Geometry } from "./geometry";

const PAGE = 200;

/** Where nothing can be drawn: the keys and their places as figures. */
export function PointTable({ geometry, lost }: { geometry: Geometry; lost: boolean }) {
  const [rows, setRows] = useState(PAGE);
  const [, setNamed] = useState(0);
  const { names, dim, coordinates, state } = geometry;
  const shownRows = Math.min(rows, state.points);
  function more() {
    const next = rows + PAGE;
    setRows(next);
    const wanted = Array.from({ length: Math.min(next, state.points) }, (_, i) => i);
    void names.need(wanted).then(() => setNamed(next));
  }
  return (
    <div class="instead">
      <p class="problem" role="alert">
        {lost && `${t("map.nogl.lost")} `}
        {t("map.nogl")}
      </p>
      <table>
        <caption class="unseen">{t("map.table")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("map.table.key")}</th>
            {["x", "y", "z"].slice(0, dim).map((axis) => (
              <th key={axis} scope="col">
                {axis}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shownRows }, (_, row) => (
            <tr key={row}>
              <th scope="row" class="key">
                {shown(names.get(row) ?? "…")}
              </th>
              {[...coordinates.subarray(row * dim, row * dim + dim)].map((value, axis) => (
                <td key={axis} class="figure">
                  {score(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shownRows < state.points && (
        <button type="button" class="button" onClick={more}>
          {t("map.table.more")}
        </button>
      )}
    </div>
  );
}
