import type { ComponentChildren } from "preact";
import { go } from "../route";

interface LinkProps {
  to: string;
  children: ComponentChildren;
  class?: string | undefined;
  title?: string | undefined;
  lang?: string | undefined;
  "aria-label"?: string | undefined;
  "aria-current"?: "page" | "true" | undefined;
}

/** A link inside the page: followed without loading it again, and a link like any other to the browser. */
export function Link({ to, children, ...rest }: LinkProps) {
  function follow(event: MouseEvent) {
    const other = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (other || event.defaultPrevented) return;
    event.preventDefault();
    go(to);
  }
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  );
}
