// Colours of points. The browser turns oklch() into bytes: a step of lightness looks equal in every hue.

/** 256 colours with their opacity, 4 bytes each. */
export type Palette = Uint8Array<ArrayBuffer>;

/** The entry of points that have no value. */
export const NONE = 255;

function bytes(colours: readonly string[]): Palette {
  const canvas = new OffscreenCanvas(colours.length, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const palette = new Uint8Array(256 * 4);
  if (!context) return palette;
  colours.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(i, 0, 1, 1);
  });
  palette.set(context.getImageData(0, 0, colours.length, 1).data.subarray(0, 256 * 4));
  return palette;
}

/** Hues a golden angle apart, in three turns of lightness; for up to 64 clusters. */
export function clusterColour(cluster: number, dark: boolean): string {
  const hue = (cluster * 137.508 + 245) % 360;
  const turn = cluster % 3;
  const light = dark ? [0.75, 0.83, 0.66][turn]! : [0.56, 0.65, 0.47][turn]!;
  return `oklch(${light} ${dark ? 0.13 : 0.15} ${hue.toFixed(1)})`;
}

/** Clusters; where one is lit, the others fade. */
export function clusterPalette(count: number, lit: number | null, dark: boolean, opacity: number): Palette {
  const palette = bytes(Array.from({ length: Math.max(1, count) }, (_, i) => clusterColour(i, dark)));
  for (let i = 0; i < 256; i += 1) {
    const aside = lit !== null && i !== lit;
    palette[4 * i + 3] = Math.round(255 * (aside ? opacity * 0.12 : opacity));
  }
  return palette;
}

/** From little to much. */
export function rampStops(dark: boolean): string[] {
  return dark
    ? ["oklch(0.36 0.06 255)", "oklch(0.55 0.15 300)", "oklch(0.7 0.17 20)", "oklch(0.9 0.13 95)"]
    : ["oklch(0.86 0.05 220)", "oklch(0.68 0.12 255)", "oklch(0.52 0.19 320)", "oklch(0.45 0.19 25)"];
}

export function rampPalette(dark: boolean, opacity: number): Palette {
  const stops = rampStops(dark);
  const parts = stops.length - 1;
  const colours = Array.from({ length: 255 }, (_, i) => {
    const at = (i / 254) * parts;
    const stop = Math.min(parts - 1, Math.floor(at));
    return `color-mix(in oklch, ${stops[stop]}, ${stops[stop + 1]} ${((at - stop) * 100).toFixed(1)}%)`;
  });
  const palette = bytes(colours);
  palette.set(dark ? [90, 100, 110, 255] : [170, 178, 186, 255], 4 * NONE);
  for (let i = 0; i < 256; i += 1) palette[4 * i + 3] = Math.round(255 * opacity * (i === NONE ? 0.4 : 1));
  return palette;
}

export function plainPalette(
  [red, green, blue]: readonly [number, number, number],
  opacity: number,
): Palette {
  const palette = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i += 1) palette.set([red, green, blue, Math.round(255 * opacity)], 4 * i);
  return palette;
}

/** Values as entries of a ramp: 0…254 between low and high. */
export function tonesOf(values: Float32Array, low: number, high: number): Uint8Array<ArrayBuffer> {
  const tones = new Uint8Array(values.length);
  const scale = high > low ? 254 / (high - low) : 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    tones[i] = Number.isFinite(value) ? Math.min(254, Math.max(0, Math.round((value - low) * scale))) : NONE;
  }
  return tones;
}

/** How opaque points are: many let one see how densely they lie. */
export const opacityOf = (points: number): number => (points > 200_000 ? 0.45 : points > 20_000 ? 0.6 : 0.9);

/** An entry of a palette, for CSS and SVG. */
export function css(palette: Palette, tone: number): { colour: string; opacity: number } {
  const [red = 0, green = 0, blue = 0, opacity = 0] = palette.subarray(4 * tone, 4 * tone + 4);
  return { colour: `rgb(${red}, ${green}, ${blue})`, opacity: opacity / 255 };
}
