import { useState } from "preact/hooks";
import { t } from "../words";

/** A command to take to a terminal. */
export function Command({ text }: { text: string }) {
  const [said, setSaid] = useState<"copied" | "copy.failed" | null>(null);
  return (
    <div class="command">
      <pre>{text}</pre>
      <button
        type="button"
        class="button"
        onClick={() => {
          navigator.clipboard?.writeText(text).then(
            () => setSaid("copied"),
            () => setSaid("copy.failed"),
          ) ?? setSaid("copy.failed");
        }}
      >
        {t("copy")}
      </button>
      <span class="faint small" role="status">
        {said && t(said)}
      </span>
    </div>
  );
}
