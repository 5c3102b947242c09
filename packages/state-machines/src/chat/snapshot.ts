import { isInteger } from "../json-shape.js";
import { NotASnapshot, packRows, unpackRows } from "../pieces.js";
import type { Json } from "../state-machine.js";
import { ChatState } from "./chat-state.js";
import { isMessageText, isTokenDigest, isUserName } from "./limits.js";
import { isPasswordRecord, type PasswordRecord } from "./operations.js";

/**
 * A row ["chat", id of the next message]; then, in the order of names, ["account", user, created at, credential, password,
 * [tokens...], [tokens...]] an account, its logins and those that ended, the oldest first; then ["message", id, from, to,
 * text, time, read] a message, by their ids.
 */
export function chatPieces(state: ChatState): string[] {
  return packRows(rowsOf(state));
}

function* rowsOf(state: ChatState): Generator<Json> {
  yield ["chat", state.nextId];
  for (const name of state.namesFrom("")) {
    const account = state.account(name);
    if (account === null) continue;
    const { createdAt, credential, password, logins, ended } = account;
    yield ["account", name, createdAt, credential, password, [...logins], [...ended]];
  }
  for (const { id, from, to, text, time, read } of state.messages()) {
    yield ["message", id, from, to, text, time, read];
  }
}

/** @throws {NotASnapshot} if no chat has such pieces */
export function restoredChat(pieces: readonly string[]): ChatState {
  const rows = unpackRows(pieces);
  const state = new ChatState();
  const [kind, nextId, ...more] = rows.next().value ?? [];
  if (kind !== "chat" || !isInteger(nextId, 1) || more.length > 0) {
    throw new NotASnapshot("the first row of the snapshot is not that of a chat");
  }
  let lastName = "";
  for (const row of rows) {
    if (row[0] === "account" && state.messageCount === 0) lastName = restoreAccount(state, row, lastName);
    else if (row[0] === "message") restoreMessage(state, row, nextId);
    else throw new NotASnapshot("a row of the snapshot is neither an account nor a message, or not in its place");
  }
  state.skipTo(nextId);
  return state;
}

function restoreAccount(state: ChatState, row: readonly Json[], lastName: string): string {
  const [, user, createdAt, credential, password, logins, ended, ...more] = row;
  const isAccount =
    isUserName(user) &&
    user > lastName &&
    isInteger(createdAt, 1) &&
    isInteger(credential, createdAt) &&
    isPasswordRecord(password) &&
    areTokens(logins) &&
    areTokens(ended) &&
    logins.every((token) => state.loggedIn(token) === null && !ended.includes(token)) &&
    more.length === 0;
  if (!isAccount) throw new NotASnapshot("a row of the snapshot is no account of a chat");
  const account = state.addAccount(user, createdAt, credential, password as unknown as PasswordRecord);
  for (const token of logins) state.addLogin(account, token);
  for (const token of ended) account.ended.add(token);
  return user;
}

/** Whether these are digests of tokens, each once. */
function areTokens(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every(isTokenDigest) && new Set(value).size === value.length;
}

function restoreMessage(state: ChatState, row: readonly Json[], nextId: number): void {
  const [, id, from, to, text, time, read, ...more] = row;
  const [sender, recipient] = [from, to].map((user) => (isUserName(user) ? state.account(user) : null));
  const isMessage =
    isInteger(id, state.nextId) &&
    id < nextId &&
    isMessageText(text) &&
    isInteger(time, 0) &&
    typeof read === "boolean" &&
    (from !== to || read) &&
    more.length === 0;
  if (!isMessage || !sender || !recipient) throw new NotASnapshot("a row of the snapshot is no message of a chat");
  state.restore(sender, recipient, { id, from: sender.user, to: recipient.user, text, time, read });
}
