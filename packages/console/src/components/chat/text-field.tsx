import type { ComponentChildren } from "preact";

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
  /** Whether what is typed is not shown. */
  readonly isSecret?: boolean;
  /** What a browser may fill in. */
  readonly autocomplete: "username" | "current-password" | "new-password" | "off";
  /** What is said about what is typed; its place is kept while nothing is. */
  readonly children?: ComponentChildren;
}

/** A field that must not be empty, and what is said about what is typed there. */
export function TextField({ id, label, value, onInput, isSecret = false, autocomplete, children }: TextFieldProps) {
  const about = children === undefined ? {} : { "aria-describedby": `${id}-about` };
  return (
    <div class="literal">
      <label class="field">
        <span>{label}</span>
        <input
          id={id}
          {...(isSecret ? { type: "password" as const } : { type: "text" as const })}
          value={value}
          required
          autocomplete={autocomplete}
          autocapitalize="off"
          spellcheck={false}
          {...about}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      </label>
      {children === undefined ? null : (
        <p id={`${id}-about`} class="meaning" role="status">
          {children}
        </p>
      )}
    </div>
  );
}
