import { number } from "../words";

interface CountProps {
  label: string;
  value: number;
  options: readonly number[];
  onChange: (value: number) => void;
}

/** How many: one of some numbers, and the present one where it is another. */
export function Count({ label, value, options, onChange }: CountProps) {
  const offered = [...new Set([...options, value])].sort((a, b) => a - b);
  return (
    <label class="inline">
      <span class="small faint">{label}</span>
      <select
        class="select"
        value={String(value)}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      >
        {offered.map((n) => (
          <option key={n} value={String(n)}>
            {number(n)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A whole number from the address, or what stands in for it. */
export function whole(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
