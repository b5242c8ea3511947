import type { ComponentChildren } from "preact";
import { t } from "../words";

/** Something is on its way. */
export function Busy({ children }: { children?: ComponentChildren }) {
  return (
    <p class="busy" role="status">
      {children ?? t("busy")}
    </p>
  );
}

/** Nothing is there yet, and what one can do about it. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}
