import type { Terminal } from "../terminal/terminal.js";

/** Rejects when the user interrupts, whether that was before or comes later; else it stays as it is. */
export function interruption({ interrupted }: Terminal): Promise<never> {
  const rejects = new Promise<never>((_, reject) => {
    const end = () => reject(new Error("interrupted"));
    if (interrupted.aborted) end();
    else interrupted.addEventListener("abort", end, { once: true });
  });
  // It may come when nobody waits for it yet, or any more.
  rejects.catch(() => {});
  return rejects;
}
