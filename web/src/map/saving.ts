// The view as a file.
import type { Chart } from "./chart";
import { draw } from "./overlay";
import { css, type Palette } from "./palette";
import { CanvasPen, SvgPen } from "./pen";
import { projectPoint } from "./projection";

/** Points that an SVG may hold: more of them, and no program opens it with pleasure. */
export const MOST_VECTORS = 20_000;

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The view at twice the size of the window, with its labels. */
export async function png(chart: Chart): Promise<Blob> {
  const times = 2;
  const pixels = chart.scene.pixels(times);
  const { width, height } = pixels;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.putImageData(pixels, 0, 0);
  // Pixels replace what is there, so the paper goes beneath them afterwards.
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = chart.overlay.inks.paper;
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = "source-over";
  context.scale(times, times);
  draw(chart.overlay, chart.eye.frame, new CanvasPen(context), chart.scene.size / 2);
  return canvas.convertToBlob({ type: "image/png" });
}

/** How many points are on the screen, at most one more than an SVG may hold. */
export async function svg(chart: Chart, tones: Uint8Array, palette: Palette): Promise<Blob | number> {
  const frame = chart.eye.frame;
  const still = { ...frame, matrix: Float64Array.from(frame.matrix) };
  const points = await chart.asking.visible(still, chart.cloud.points);
  if (points.length > MOST_VECTORS) return points.length;
  const pen = new SvgPen(frame.width, frame.height, chart.overlay.inks.paper);
  const at = new Float64Array(3);
  const { depth } = chart.eye;
  for (const point of points) {
    if (!projectPoint(still, chart.overlay.places, point, at)) continue;
    const { colour, opacity } = css(palette, tones[point] ?? 0);
    const radius = chart.scene.size / 2;
    pen.dot(at[0]!, at[1]!, depth ? (radius * depth) / at[2]! : radius, colour, opacity);
  }
  draw(chart.overlay, still, pen, chart.scene.size / 2);
  return new Blob([pen.finish()], { type: "image/svg+xml" });
}
