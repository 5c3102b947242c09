import { ChangeLog, type ChatChange, charactersOfChatChange } from "@synod/state-machines";
import { newsSince } from "./news-since.js";
import { CHANGES_KEPT, type WatchedChatParts } from "./watched-chat.js";

/** Keeps the changes from before a snapshot was taken over, as if those behind it were the next. */
class KeepingChanges extends ChangeLog<ChatChange> {
  override restart(): void {}
}

export function keepingChanges(): WatchedChatParts {
  return { changes: new KeepingChanges(charactersOfChatChange, { changes: CHANGES_KEPT }) };
}

/** Tells what is new for a name, whoever had it then. */
export function watchingNames(): WatchedChatParts {
  return { newsSince: (changes, { user }, ...rest) => newsSince(changes, { user, createdAt: 0 }, ...rest) };
}

/** Tells what was told last once more to whoever goes on behind it. */
export function tellingAgain(): WatchedChatParts {
  return { newsSince: (changes, login, token, after) => newsSince(changes, login, token, after - 1) };
}
