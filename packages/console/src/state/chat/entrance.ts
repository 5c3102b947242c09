import { signal } from "@preact/signals";
import type { ChatLogInReply, ChatUserReply } from "@synod/api";
import { drawn } from "../../server/drawn.js";
import { counted } from "../../words/cost.js";
import type { Deed } from "../deeds.js";
import { forget, keep, kept } from "../kept.js";
import { request } from "../requests.js";
import { whyNot } from "./caller.js";
import { type Login, writes } from "./login-caller.js";
import type { Write } from "./numbered-writes.js";
import { Room } from "./room.js";

/** Where a reload of this tab finds the login again; it goes with the tab. */
const KEEPER = "synod-login";
/** A login's token, in bytes. */
const TOKEN_BYTES = 32;

/** The chat, as whoever is logged in here sees it; null while nobody is. */
export const room = signal<Room | null>(null);

/** What came of the last attempt to come in, or why one is outside. */
export const atTheDoor = signal<Deed | null>(null);
export const isComingIn = signal(false);

/** The token of the login that is tried: to try again with it is to log in once. */
let tried: Login | null = null;
/** The account that is made: to make it again is to make it once. */
let made: { readonly user: string; readonly password: string; readonly write: Write } | null = null;

/** Takes up the login of this tab, if it has one. */
export function comeBack(): void {
  const login = loginIn(kept("session", KEEPER));
  if (login !== null && room.value === null) enter(login);
}

/** Logs in. */
export async function logIn(user: string, password: string): Promise<void> {
  if (isComingIn.value) return;
  isComingIn.value = true;
  await comeIn(user, password, "");
  isComingIn.value = false;
}

/** Makes an account, and logs in to it. */
export async function signUp(user: string, password: string): Promise<void> {
  if (isComingIn.value) return;
  isComingIn.value = true;
  if (made?.user !== user || made.password !== password) {
    if (made) writes.forget(made.write);
    made = { user, password, write: { path: "/chat/accounts", body: { user, password } } };
  }
  const outcome = await writes.carryOut<ChatUserReply>(made.write);
  if (outcome.kind === "done") {
    made = null;
    await comeIn(user, password, `New account '${user}' created. `);
  } else {
    const doubt = outcome.mayHaveHappened ? " The account may be there all the same: try again." : "";
    atTheDoor.value = { words: `${outcome.why}${doubt}`, isBad: true };
  }
  isComingIn.value = false;
}

/** @param before what was done before, in words */
async function comeIn(user: string, password: string, before: string): Promise<void> {
  if (tried?.user !== user) tried = { user, token: drawn(TOKEN_BYTES) };
  const login = tried;
  const body = { user, password, token: login.token };
  const outcome = await request<ChatLogInReply>({ method: "POST", path: "/chat/logins", body });
  if (outcome.kind !== "answered") {
    atTheDoor.value = { words: `${before}${whyNot(outcome)}`, isBad: true };
    return;
  }
  tried = null;
  keep("session", KEEPER, JSON.stringify(login));
  enter(login);
  const { unread } = outcome.body;
  if (room.value) {
    room.value.said.value = { words: `${before}Logged in as '${user}'. Unread messages: ${unread}.`, isBad: false };
  }
}

function enter(login: Login): void {
  const entered = new Room(login, (words) => {
    if (room.value === entered) goOut(words);
  });
  room.value = entered;
  atTheDoor.value = null;
  entered.enter();
}

function goOut(words: string): void {
  room.value?.leave();
  forget("session", KEEPER);
  room.value = null;
  atTheDoor.value = { words, isBad: false };
}

/** @returns null for what was not kept by this page */
function loginIn(text: string | null): Login | null {
  try {
    const { user, token } = JSON.parse(text ?? "null") as Login;
    return typeof user === "string" && typeof token === "string" ? { user, token } : null;
  } catch {
    // Nothing was kept, or something else: whoever it was logs in again.
    return null;
  }
}

/** What the tab is called, so that one sees from elsewhere that something came. */
export function titleFor(): string {
  const unread = room.value?.unread.value ?? 0;
  return unread === 0 ? "Synod" : `(${unread}) Synod: ${counted(unread, "unread message")}`;
}
