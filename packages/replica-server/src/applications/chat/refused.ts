import { RequestRefused } from "@synod/acceptor-server";
import type { ChatRefusal } from "@synod/state-machines";
import { notLoggedIn } from "./login-token.js";

/** What a request is answered with that the chat refused. @param user whom it named; null for nobody */
export function refusedBy(refusal: ChatRefusal, user: string | null = null): RequestRefused {
  return refusal === "not-logged-in" ? notLoggedIn() : new RequestRefused(refusal, WHY[refusal](user ?? "?"));
}

/** In words: the sentence that all chats of this kind have for it, and what to do. */
const WHY: Readonly<Record<Exclude<ChatRefusal, "not-logged-in">, (user: string) => string>> = {
  "username-taken": (user) => `Username already exists. Choose another one than ${user}`,
  "no-such-user": (user) =>
    `No such user. Nobody here is called ${user}; POST /chat/accounts makes an account, GET /chat/accounts lists them`,
  "incorrect-password": (user) => `Incorrect password. It is not that of ${user} as of now; nothing was changed`,
  "no-such-recipient": (user) =>
    `Recipient does not exist. Nothing was sent: nobody here is called ${user}; GET /chat/accounts?pattern= finds names`,
  "chat-full": () => "the chat holds as much as it may; nothing was added. Deleted messages and accounts make room",
};
