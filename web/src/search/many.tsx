import { type Params, set } from "../route";
import { number, t } from "../words";

const choices = [10, 25, 50, 100] as const;

/** How many answers the address asks for. */
export function many(params: Params, usual = 10): number {
  const asked = Number(params["k"]);
  return Number.isInteger(asked) && asked >= 1 && asked <= 1000 ? asked : usual;
}

export function HowMany({ value, usual = 10 }: { value: number; usual?: number }) {
  const offered = [...new Set([...choices, usual, value])].sort((a, b) => a - b);
  return (
    <label class="many">
      <span>{t("search.many")}</span>
      <select
        class="input"
        value={String(value)}
        onChange={(event) => {
          const chosen = Number(event.currentTarget.value);
          set({ k: chosen === usual ? null : chosen });
        }}
      >
        {offered.map((one) => (
          <option key={one} value={String(one)}>
            {number(one)}
          </option>
        ))}
      </select>
    </label>
  );
}
