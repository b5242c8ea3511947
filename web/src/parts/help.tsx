import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words";

export const helping = signal(false);

/** The keyboard shortcuts. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helping.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => {
    helping.value = false;
  };
  const rows = [
    ["/", t("help.box")],
    ["↑ ↓", t("help.arrows")],
    ["Enter", t("help.enter")],
    ["Esc", t("help.escape")],
    ["?", t("help.help")],
  ] as const;
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="help-title">
      <h2 id="help-title">{t("help.title")}</h2>
      <dl class="shortcuts">
        {rows.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div class="row">
        <button type="button" class="button" onClick={close}>
          {t("close")}
        </button>
        <a href="/docs">{t("help.api")}</a>
      </div>
    </dialog>
  );
}

/** "/" leads to the box of the view, "?" shows this list; not while something is being typed. */
export function shortcuts(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target as HTMLElement;
  if (target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog")) return;
  if (event.key === "/") {
    const box = document.querySelector<HTMLInputElement>("[data-main]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "?") {
    event.preventDefault();
    helping.value = true;
  }
}
