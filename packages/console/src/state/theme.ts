import { effect, signal } from "@preact/signals";
import { keep, kept } from "./kept.js";

/** `system`: as the browser is told. */
export type Theme = "system" | "light" | "dark";

export const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Where the choice is kept from one visit to the next. */
const KEEPER = "synod-theme";

export const theme = signal<Theme>(THEMES.find((one) => one === kept("local", KEEPER)) ?? "system");

/** Lets the page follow the choice. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    keep("local", KEEPER, theme.value);
  });
}
