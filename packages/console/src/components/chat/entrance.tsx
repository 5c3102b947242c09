import { useSignal } from "@preact/signals";
import { availability, checkName } from "../../state/chat/availability.js";
import { atTheDoor, isComingIn, logIn, signUp } from "../../state/chat/entrance.js";
import { nameComplaint, passwordComplaint } from "../../words/chat/credentials.js";
import { DeedLine } from "../deed-line.js";
import { Mark } from "../mark.js";
import { TextField } from "./text-field.js";

const WAYS = [
  ["log-in", "Log in"],
  ["sign-up", "Create an account"],
] as const;

/** Where one logs in, or makes an account. */
export function Entrance() {
  const way = useSignal<(typeof WAYS)[number][0]>("log-in");
  const user = useSignal("");
  const password = useSignal("");
  const isSigningUp = way.value === "sign-up";
  const choose = (chosen: typeof way.value) => {
    way.value = chosen;
    atTheDoor.value = null;
    void checkName(chosen === "sign-up" ? user.value : "");
  };
  const mayGoOn = !isSigningUp || (nameComplaint(user.value) ?? passwordComplaint(password.value)) === null;
  return (
    <form
      class="entrance"
      onSubmit={(event) => {
        event.preventDefault();
        void (isSigningUp ? signUp : logIn)(user.value, password.value);
      }}
    >
      <div class="segments" role="radiogroup" aria-label="What to do">
        {WAYS.map(([id, name]) => (
          <label key={id}>
            <input type="radio" name="way" value={id} checked={way.value === id} onChange={() => choose(id)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
      <TextField
        id="chat-user"
        label="Name"
        value={user.value}
        autocomplete="username"
        onInput={(text) => {
          user.value = text;
          if (isSigningUp) void checkName(text);
        }}
      >
        {isSigningUp ? <AvailabilityWords name={user.value} /> : null}
      </TextField>
      <TextField
        id="chat-password"
        label="Password"
        isSecret
        value={password.value}
        autocomplete={isSigningUp ? "new-password" : "current-password"}
        onInput={(text) => {
          password.value = text;
        }}
      >
        {isSigningUp ? passwordComplaint(password.value) : null}
      </TextField>
      <div class="buttons">
        <button type="submit" class="primary" disabled={isComingIn.value || !mayGoOn}>
          {isSigningUp ? "Create account" : "Log in"}
        </button>
      </div>
      <DeedLine deed={isComingIn.value ? { words: "One moment …", isBad: false } : atTheDoor.value} />
      <p class="hint">
        The login stays in this tab, and goes with it. The servers keep a salted hash of the password (scrypt), and what
        is written is replicated to all nodes: whoever runs them can read it.
      </p>
    </form>
  );
}

/** Whether the name is free. */
function AvailabilityWords({ name }: { readonly name: string }) {
  const now = availability.value;
  switch (now.kind) {
    case "nothing-typed":
      return null;
    case "no-name":
      return <>{now.why}</>;
    case "asking":
      return <>asking whether {name} is free …</>;
    case "free":
      return (
        <span class="meaning-good">
          <Mark kind="up" /> {name} is free
        </span>
      );
    case "taken":
      return (
        <span class="meaning-doubtful">
          <Mark kind="down" /> {name} is taken
        </span>
      );
    case "not-known":
      return <>whether it is free is not known: {now.why}</>;
  }
}
