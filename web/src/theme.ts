import { computed, effect, signal } from "@preact/signals";
import { store, stored } from "./stored";

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => {
  systemDark.value = system.matches;
});

export const theme = signal<Theme>(themes.find((name) => name === stored("theme")) ?? "auto");

/** Whether the page is dark now: read it in a component that draws by itself, so that it draws again. */
export const dark = computed(() => (theme.value === "auto" ? systemDark.value : theme.value === "dark"));

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
  store("theme", theme.value);
});

let probe: HTMLElement | undefined;

/** A token of theme.css, such as "--ink", as red, green and blue from 0 to 255 in the present theme. */
export function rgb(token: string): [number, number, number] {
  if (!probe) {
    probe = document.createElement("i");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${token})`;
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/** A token of theme.css as a colour that a canvas reads. */
export function colour(token: string, opacity = 1): string {
  return `rgb(${rgb(token).join(" ")} / ${opacity})`;
}
