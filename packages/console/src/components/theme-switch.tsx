import { THEMES, theme } from "../state/theme.js";

const NAMES = { system: "as the system", light: "light", dark: "dark" } as const;

/** Light, dark, or what the system says. */
export function ThemeSwitch() {
  return (
    <label class="theme-switch">
      <span class="unseen">Colours</span>
      <select
        value={theme.value}
        onChange={({ currentTarget }) => {
          theme.value = THEMES.find((one) => one === currentTarget.value) ?? "system";
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {NAMES[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
