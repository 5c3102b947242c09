import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../state/chat/room.js";
import { passwordComplaint } from "../../words/chat/credentials.js";
import { AskedBack } from "./asked-back.js";
import { TextField } from "./text-field.js";

/** What one does with one's account. */
export function Settings({ room }: { readonly room: Room }) {
  const close = () => {
    room.areSettingsOpen.value = false;
  };
  const section = useRef<HTMLElement>(null);
  // From here on the keyboard goes on, and Escape comes back.
  useEffect(() => section.current?.focus({ preventScroll: true }), []);
  return (
    <section
      ref={section}
      class="settings"
      aria-label="Settings"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <header class="thread-head">
        <h3>Settings</h3>
        <button type="button" class="small thread-choose" onClick={close}>
          Close
        </button>
      </header>
      <PasswordForm room={room} />
      <div class="deed">
        <h4>Log out</h4>
        <p class="hint">Ends the login of this tab. Logins elsewhere stay.</p>
        <div class="buttons">
          <button type="button" onClick={() => void room.logOut()}>
            Log out
          </button>
        </div>
      </div>
      <div class="deed">
        <h4>Delete the account</h4>
        <div class="buttons">
          <AskedBack name="Delete account" deed={`Delete ${room.user} for good`} onDeed={() => room.deleteAccount()}>
            The account {room.user} and every message from it and to it will be gone, for those at the other side as
            well, and for good.
          </AskedBack>
        </div>
      </div>
    </section>
  );
}

function PasswordForm({ room }: { readonly room: Room }) {
  const [password, setPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const change = async () => {
    setBusy(true);
    if (await room.changePassword(password, newPassword)) {
      setPassword("");
      setNewPassword("");
    }
    setBusy(false);
  };
  return (
    <form
      class="deed"
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <h4>Password</h4>
      <p class="hint">All other logins of the account end with the old password.</p>
      {/* For keepers of passwords, which ask whose it is. */}
      <input type="hidden" autocomplete="username" value={room.user} />
      <TextField
        id="old-password"
        label="Password now"
        isSecret
        value={password}
        autocomplete="current-password"
        onInput={setPassword}
      />
      <TextField
        id="new-password"
        label="New password"
        isSecret
        value={newPassword}
        autocomplete="new-password"
        onInput={setNewPassword}
      >
        {passwordComplaint(newPassword)}
      </TextField>
      <div class="buttons">
        <button type="submit" disabled={isBusy || password === "" || passwordComplaint(newPassword) !== null}>
          Change password
        </button>
      </div>
    </form>
  );
}
