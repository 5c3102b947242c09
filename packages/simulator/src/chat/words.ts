import { type ChatOperation, type ChatResult, type GatewayReply, parseEnvelope } from "@synod/state-machines";
import type { RaftKinds } from "../raft/raft-kinds.js";
import * as raft from "../raft/words.js";
import { CREDENTIAL_UNKNOWN, userOfToken } from "./chat-asking.js";

/** What people do in a chat and are told, in words for a story. */

export function commandInWords(command: RaftKinds["command"]): string {
  if (typeof command === "string") {
    const envelope = parseEnvelope(command);
    return envelope.kind === "command" ? operationInWords(envelope.operation as never) : raft.commandInWords(command);
  }
  if (command.kind === "write") return operationInWords(command.operation as never);
  if (command.kind !== "read") return raft.commandInWords(command);
  const { type, token, ...rest } = command.query as { readonly type: string; readonly token: string };
  const asked = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
  return `${login(token)} asks for ${type}${asked}, ${command.level}`;
}

export function replyInWords(reply: GatewayReply): string {
  if (reply.kind !== "written") return raft.replyInWords(reply);
  const result = reply.result as unknown as Partial<ChatResult>;
  if (result.answer === undefined) return raft.replyInWords(reply);
  return `${resultInWords(result as ChatResult)}, in slot ${reply.slot}`;
}

function operationInWords(operation: ChatOperation): string {
  const by = "token" in operation ? login(operation.token) : "";
  switch (operation.type) {
    case "create-account":
      return `make the account ${operation.user}`;
    case "log-in": {
      const { credential } = operation;
      const named = credential === CREDENTIAL_UNKNOWN ? "" : ` with the password of slot ${credential}`;
      return `${by} logs in as ${operation.user}${named}`;
    }
    case "log-out":
      return `${by} logs out`;
    case "set-password":
      return `${by} changes the password`;
    case "delete-account":
      return `${by} deletes the account`;
    case "send":
      return `${by} sends "${operation.text}" to ${operation.to}`;
    case "mark-read":
      return `${by} has read ${operation.ids.join(", ")}`;
    case "delete-messages":
      return `${by} deletes ${operation.ids.join(", ")}`;
  }
}

function resultInWords(result: ChatResult): string {
  switch (result.answer) {
    case "sent": {
      const { id, from, to, text } = result.message;
      return `"${text}" of ${from} to ${to} is message ${id}`;
    }
    case "marked":
      return `marked ${result.count}, ${result.unread} are unread`;
    case "deleted":
      return `deleted ${result.count}`;
    case "logged-in":
      return `logged in as ${result.user}, ${result.unread} are unread`;
    default:
      return result.answer;
  }
}

/** `ann/3`: the fourth login of ann. */
function login(token: string): string {
  return `${userOfToken(token)}/${Number.parseInt(token.slice(0, 2), 16)}`;
}
