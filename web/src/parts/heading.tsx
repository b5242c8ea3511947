import type { ComponentChildren } from "preact";

/** The heading of a view: the focus goes here when one comes to the view. */
export function Heading({ children, unseen = false }: { children: ComponentChildren; unseen?: boolean }) {
  return (
    <h1 id="heading" tabIndex={-1} class={unseen ? "unseen" : undefined}>
      {children}
    </h1>
  );
}
