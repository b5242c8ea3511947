// What lies over the points is drawn with a pen: on the screen, into a picture, or into vectors.

const HALO = 4;

export interface Stroke {
  readonly colour: string;
  readonly width: number;
  readonly fill?: string;
  readonly closed?: boolean;
}

export interface Script {
  readonly size: number;
  readonly weight: number;
  readonly colour: string;
  readonly halo: string;
  readonly align?: "left" | "center" | "right";
}

export interface Pen {
  /** x0, y0, x1, y1, … */
  path(points: ArrayLike<number>, stroke: Stroke): void;
  ring(x: number, y: number, radius: number, stroke: Stroke): void;
  /** y is the middle of the line of text. */
  text(x: number, y: number, text: string, script: Script): void;
}

export const FAMILY =
  'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", sans-serif';

const font = (script: Pick<Script, "size" | "weight">): string =>
  `${script.weight} ${script.size}px ${FAMILY}`;

export class CanvasPen implements Pen {
  private readonly widths = new Map<string, number>();

  constructor(readonly context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D) {
    context.lineJoin = "round";
    context.lineCap = "round";
    context.textBaseline = "middle";
  }

  path(points: ArrayLike<number>, stroke: Stroke): void {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
    if (stroke.closed) context.closePath();
    this.ink(stroke);
  }

  ring(x: number, y: number, radius: number, stroke: Stroke): void {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, Math.PI * 2);
    this.ink(stroke);
  }

  text(x: number, y: number, text: string, script: Script): void {
    const { context } = this;
    const written = font(script);
    // Setting a font is parsed each time.
    if (context.font !== written) context.font = written;
    context.textAlign = script.align ?? "left";
    context.lineWidth = HALO;
    context.strokeStyle = script.halo;
    context.strokeText(text, x, y);
    context.fillStyle = script.colour;
    context.fillText(text, x, y);
  }

  width(text: string, script: Pick<Script, "size" | "weight">): number {
    const written = font(script);
    const name = `${written}\n${text}`;
    let width = this.widths.get(name);
    if (width === undefined) {
      if (this.widths.size > 20_000) this.widths.clear();
      this.context.font = written;
      width = this.context.measureText(text).width;
      this.widths.set(name, width);
    }
    return width;
  }

  private ink(stroke: Stroke): void {
    const { context } = this;
    if (stroke.fill) {
      context.fillStyle = stroke.fill;
      context.fill();
    }
    if (stroke.width === 0) return;
    context.strokeStyle = stroke.colour;
    context.lineWidth = stroke.width;
    context.stroke();
  }
}

/** Writes SVG: everything is escaped, numbers have two decimals. */
export class SvgPen implements Pen {
  private readonly parts: string[] = [];

  constructor(
    private readonly width: number,
    private readonly height: number,
    paper: string,
  ) {
    this.parts.push(`<rect width="100%" height="100%" fill="${escaped(paper)}"/>`);
  }

  path(points: ArrayLike<number>, stroke: Stroke): void {
    let d = "";
    for (let i = 0; i < points.length; i += 2)
      d += `${i ? "L" : "M"}${tidy(points[i]!)} ${tidy(points[i + 1]!)}`;
    this.parts.push(`<path d="${d}${stroke.closed ? "Z" : ""}"${ink(stroke)}/>`);
  }

  ring(x: number, y: number, radius: number, stroke: Stroke): void {
    this.parts.push(`<circle cx="${tidy(x)}" cy="${tidy(y)}" r="${tidy(radius)}"${ink(stroke)}/>`);
  }

  dot(x: number, y: number, radius: number, fill: string, opacity: number): void {
    this.parts.push(
      `<circle cx="${tidy(x)}" cy="${tidy(y)}" r="${tidy(radius)}" fill="${fill}" fill-opacity="${tidy(opacity)}"/>`,
    );
  }

  text(x: number, y: number, text: string, script: Script): void {
    const anchor = { left: "start", center: "middle", right: "end" }[script.align ?? "left"];
    this.parts.push(
      `<text x="${tidy(x)}" y="${tidy(y)}" dy="0.35em" font-size="${script.size}" font-weight="${script.weight}" ` +
        `text-anchor="${anchor}" fill="${escaped(script.colour)}" stroke="${escaped(script.halo)}" stroke-width="${HALO}" ` +
        `stroke-linejoin="round" paint-order="stroke">${escaped(text)}</text>`,
    );
  }

  finish(): string {
    const [w, h] = [tidy(this.width), tidy(this.height)];
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" ` +
      `font-family="${escaped(FAMILY)}">\n${this.parts.join("\n")}\n</svg>\n`
    );
  }
}

const tidy = (value: number): number => Math.round(value * 100) / 100;

function ink({ colour, width, fill }: Stroke): string {
  return ` fill="${escaped(fill ?? "none")}" stroke="${escaped(colour)}" stroke-width="${width}"`;
}

const NAMES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text inside XML: what no XML may hold is left out. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"]/g, (c) => NAMES[c] ?? c);
}
