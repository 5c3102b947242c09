import { useState } from "preact/hooks";
import type { Room } from "../../state/chat/room.js";
import { passwordComplaint } from "../../words/chat/credentials.js";
import { TextField } from "./text-field.js";

/** What one does with one's account. */
export function Settings({ room }: { readonly room: Room }) {
  const close = () => {
    room.areSettingsOpen.value = false;
  };
  return (
    <section
      class="settings"
      aria-label="Settings"
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
      <Deletion room={room} />
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

function Deletion({ room }: { readonly room: Room }) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    await room.deleteAccount();
    setBusy(false);
  };
  return (
    <div class="deed">
      <h4>Delete the account</h4>
      {isAsking ? (
        <fieldset class="warning">
          <legend class="unseen">Delete the account</legend>
          <p>
            The account {room.user} and every message from it and to it will be gone, for those at the other side as
            well, and for good.
          </p>
          <div class="buttons">
            <button type="button" class="danger" disabled={isBusy} onClick={() => void remove()}>
              Delete {room.user} for good
            </button>
            <button type="button" disabled={isBusy} onClick={() => setAsking(false)}>
              Keep it
            </button>
          </div>
        </fieldset>
      ) : (
        <div class="buttons">
          <button type="button" class="danger" onClick={() => setAsking(true)}>
            Delete account …
          </button>
        </div>
      )}
    </div>
  );
}
