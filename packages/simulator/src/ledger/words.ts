import {
  type GatewayReply,
  type LedgerCommand,
  type LedgerResult,
  parseBlockRecord,
  parseEnvelope,
  requestIdOf,
} from "@synod/state-machines";
import type { MultiPaxosKinds } from "../multipaxos/multipaxos-kinds.js";
import * as log from "../multipaxos/words.js";

/** What a ledger's cluster says, writes, is asked and replies, in words for a story. */

/** Digits of a hash that a story tells. */
const HASH_DIGITS = 8;

export function messageInWords(message: MultiPaxosKinds["message"]): string {
  return log.messageInWords(message, valueInWords);
}

export function writeInWords(write: MultiPaxosKinds["write"]): string {
  return write.kind === "blocks" ? write.records.map(blockInWords).join("; ") : log.writeInWords(write, valueInWords);
}

export function commandInWords(command: MultiPaxosKinds["command"]): string {
  if (typeof command === "string") {
    return parseEnvelope(command).kind === "foreign" ? `make nothing of "${command}"` : valueInWords(command);
  }
  return command.kind === "write" ? operationInWords(command.operation as never) : log.commandInWords(command);
}

export function replyInWords(reply: GatewayReply): string {
  if (reply.kind !== "written") return log.replyInWords(reply);
  const result = reply.result as unknown as Partial<LedgerResult>;
  if (result.height === undefined) return log.replyInWords(reply);
  const answer = result.answer === "value" ? JSON.stringify(result.value) : result.answer;
  return `${answer}; it is block ${result.height} (${short(result.hash ?? "")}), in slot ${reply.slot}`;
}

/** A value of the log: `put "k" "v" (own/4/2)`. */
function valueInWords(value: string): string {
  const envelope = parseEnvelope(value);
  switch (envelope.kind) {
    case "command":
      return `${operationInWords(envelope.operation as never)} (${requestIdOf(envelope)})`;
    case "open-session":
      return `open a session for ${envelope.client}`;
    case "no-op":
      return "do nothing";
    // Of a ledger each command has a slot of its own.
    case "commands":
    case "foreign":
      return value;
  }
}

function operationInWords({ operation, nonce }: LedgerCommand): string {
  const value = operation.type === "put" ? ` ${JSON.stringify(operation.value)}` : "";
  return `${operation.type} ${JSON.stringify(operation.key)}${value} with nonce ${nonce}`;
}

function blockInWords(record: string): string {
  const block = parseBlockRecord(record);
  if (block === null) return `a record that is no block: ${record}`;
  const { height, hash, previousHash, requestId } = block;
  const after = previousHash === null ? "the first" : `after ${short(previousHash)}`;
  return `block ${height} (${short(hash)}, ${after}): ${operationInWords(block)} (${requestId})`;
}

function short(hash: string): string {
  return hash.slice(0, HASH_DIGITS);
}
