// The finder in its worker, asked from the page.
import type { Question, Reply } from "./finder.worker";
import type { Frame, Places } from "./projection";

export class Asking {
  private readonly worker = new Worker(new URL("./finder.worker.ts", import.meta.url), { type: "module" });
  private readonly open = new Map<number, (found: Reply["found"]) => void>();
  private asked = 0;

  constructor(places: Places) {
    this.worker.addEventListener("message", (event: MessageEvent<Reply>) => {
      this.open.get(event.data.ask)?.(event.data.found);
      this.open.delete(event.data.ask);
    });
    this.tell({ kind: "places", places });
  }

  nearest(frame: Frame, x: number, y: number, radius: number): Promise<number | null> {
    return this.ask((ask) => ({ kind: "nearest", ask, frame, x, y, radius })) as Promise<number | null>;
  }

  lasso(frame: Frame, polygon: number[]): Promise<Uint8Array<ArrayBuffer>> {
    return this.ask((ask) => ({ kind: "lasso", ask, frame, polygon })) as Promise<Uint8Array<ArrayBuffer>>;
  }

  visible(frame: Frame, limit: number): Promise<Uint32Array<ArrayBuffer>> {
    return this.ask((ask) => ({ kind: "visible", ask, frame, limit })) as Promise<Uint32Array<ArrayBuffer>>;
  }

  close(): void {
    this.worker.terminate();
    this.open.clear();
  }

  private ask(question: (ask: number) => Question): Promise<Reply["found"]> {
    this.asked += 1;
    const ask = this.asked;
    return new Promise((resolve) => {
      this.open.set(ask, resolve);
      this.tell(question(ask));
    });
  }

  private tell(question: Question): void {
    this.worker.postMessage(question);
  }
}
