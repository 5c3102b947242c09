import type { ComponentChildren } from "preact";

export interface PanelProps {
  /** Names the panel in the address, and gives it its place. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what it is for. */
  readonly about?: string;
  /** What stands beside the title. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** One part of the page, with a heading that people and screen readers jump to. */
export function Panel({ id, title, about, aside, children }: PanelProps) {
  return (
    <section id={id} class={`panel panel-${id}`} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </header>
      {about === undefined ? null : <p class="about">{about}</p>}
      {children}
    </section>
  );
}
