import { Finder } from "./finder";
import type { Frame, Places } from "./projection";

export type Question =
  | { kind: "places"; places: Places }
  | { kind: "nearest"; ask: number; frame: Frame; x: number; y: number; radius: number }
  | { kind: "lasso"; ask: number; frame: Frame; polygon: number[] }
  | { kind: "visible"; ask: number; frame: Frame; limit: number };

export interface Reply {
  ask: number;
  found: number | null | Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
}

let finder: Finder | null = null;

function answer(question: Exclude<Question, { kind: "places" }>): Reply["found"] {
  if (!finder) return null;
  const { frame } = question;
  if (question.kind === "nearest") return finder.nearest(frame, question.x, question.y, question.radius);
  if (question.kind === "lasso") return finder.lasso(frame, question.polygon);
  return finder.visible(frame, question.limit);
}

self.addEventListener("message", (event: MessageEvent<Question>) => {
  const question = event.data;
  if (question.kind === "places") finder = new Finder(question.places);
  else self.postMessage({ ask: question.ask, found: answer(question) } satisfies Reply);
});
