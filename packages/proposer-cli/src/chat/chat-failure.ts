import type { StoreError } from "@synod/client";
import { callFailure } from "../cluster/call-failure.js";
import type { CommandFailure } from "../terminal/exit-code.js";

/** What is said, in the sentences that all chats of this kind have, and what to do; else what the node says. */
const SENTENCES: Readonly<Partial<Record<StoreError["code"], string>>> = {
  "no-such-user": "No such user. synod chat create makes an account, synod chat accounts lists them",
  "incorrect-password": "Incorrect password.",
  "username-taken": "Username already exists.",
  "not-logged-in": "Not logged in. synod chat login logs in",
  unauthorized: "the nodes of this chat share a secret: name its file with --secret-file",
  "no-such-recipient": "Recipient does not exist. synod chat accounts lists those who do",
};

/** What a failed call is to a command. */
export function chatFailure(error: StoreError): CommandFailure {
  return callFailure(error, SENTENCES[error.code]);
}

/** The same to somebody at the prompt, who need not be told which command to type in a shell. */
export function chatFailureAtPrompt(error: StoreError): CommandFailure {
  return callFailure(error, SENTENCES[error.code]?.replace(/(?<=\.) .*$/, ""));
}
