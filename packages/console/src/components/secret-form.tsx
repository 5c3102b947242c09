import { useState } from "preact/hooks";
import { giveSecret, isSecretMissing } from "../server/secret.js";
import { lookSoon } from "../state/cluster.js";
import { listAgain } from "../state/keys.js";

/** Asks for the shared secret where the server does. */
export function SecretForm() {
  const [text, setText] = useState("");
  if (!isSecretMissing.value) return null;
  return (
    <form
      class="notice notice-warning secret"
      onSubmit={(event) => {
        event.preventDefault();
        giveSecret(text);
        lookSoon();
        void listAgain();
      }}
    >
      <label>
        This cluster answers those who know its shared secret. It stays in this tab.
        <input
          type="password"
          value={text}
          required
          autocomplete="off"
          onInput={(e) => setText(e.currentTarget.value)}
        />
      </label>
      <button type="submit">Use this secret</button>
    </form>
  );
}
