import type { LogAcceptance, LogMessage, LogPage } from "@synod/consensus";
import type { GatewayReply } from "@synod/state-machines";
import type { MultiPaxosKinds } from "./multipaxos-kinds.js";

/** What the replicated store says, writes, is asked and replies, in words for a story. */

/** A value of the log as it is. */
const asItIs = (value: string): string => value;

/** @param say puts a value of the log into words; absent: as it is */
export function messageInWords(message: LogMessage, say: (value: string) => string = asItIs): string {
  switch (message.type) {
    case "prepare-log":
      return `prepare ${message.id} for all slots from ${message.from} on`;
    case "promise-log":
      return `I promise ${message.id}${pageInWords(message.page, say)}`;
    case "prepare-log-ignored":
      return `prepare ${message.id} ignored, I have promised ${message.promisedId}`;
    case "accept-log":
      return acceptInWords(message, say);
    case "accepted-log":
      return `I have accepted ${slots(message.instances)} under ${message.id}${probe(message.sequence)}`;
    case "accept-log-ignored":
      return `accept ${message.id} ignored, I have promised ${message.promisedId}`;
    case "accept":
      return `accept "${say(message.value)}" in slot ${message.instance} under ${message.id}, by hand`;
    case "accepted":
      return `I have accepted "${say(message.value)}" in slot ${message.instance} under ${message.id}`;
    case "refused":
      return `refused in slot ${message.instance}: ${message.reason}`;
    case "truncated":
      return `slot ${message.instance} is truncated, as is everything through ${message.truncatedThrough}`;
    case "truncate-log":
      return `forget everything through ${message.through}`;
    case "log-truncated":
      return `I have forgotten everything through ${message.truncatedThrough}`;
    case "read-log":
      return `what have you accepted from ${message.from} on?`;
    case "log":
      return `I have promised ${message.promisedId}${pageInWords(message.page, say)}`;
    case "heartbeat":
      return `I lead under ${message.id}, all is settled through ${message.settledThrough}`;
    case "heartbeat-heard":
      return `I heard of nobody above ${message.highestId}`;
    case "learn":
      if (message.atAcceptor !== undefined) return placesInWords(message);
      return `${range(message.from, message.values, say)} is decided, and everything through ${message.decidedThrough}`;
    case "learned":
      return `I have applied everything through ${message.appliedThrough}${
        message.snapshotThrough === null ? "" : `, my snapshot goes through ${message.snapshotThrough}`
      }${message.missingFrom === null ? "" : `, and find nobody who tells ${message.missingFrom}`}`;
    case "sync":
      return `what is decided from ${message.from} on?`;
    case "sync-reply":
      return message.snapshot
        ? `I have a snapshot through ${message.snapshot.through}`
        : `${range(message.from, message.values, say)} is decided; I have applied everything through ${message.appliedThrough}`;
    case "read-snapshot":
      return `piece ${message.piece} of the snapshot through ${message.through}, please`;
    case "snapshot-piece":
      return message.text === null
        ? `my snapshot through ${message.through} is gone`
        : `piece ${message.piece} of the snapshot through ${message.through}`;
    case "submit":
      return `put into the log: ${message.requests.map(({ value }) => say(value)).join(", ")}`;
    case "submitted":
      return message.outcomes.map(outcomeInWords).join(", ");
    case "read-barrier":
      return `which slot must a strong read see (${message.requestId})?`;
    case "read-barrier-passed":
      return `slot ${message.slot} (${message.requestId})`;
    case "read-barrier-refused":
      return `no answer to ${message.requestId}: ${message.reason}`;
    case "query":
      return `${message.queries.join(", ")} at slot ${message.atLeast} or later?`;
    case "query-answer":
      return `${message.answers.join(", ")} at slot ${message.slot}`;
    case "query-refused":
      return `no answer: ${message.reason}, I have applied everything through ${message.appliedThrough}`;
    default:
      return message.type;
  }
}

/** @param say as in `messageInWords` */
export function writeInWords(write: MultiPaxosKinds["write"], say: (value: string) => string = asItIs): string {
  switch (write.kind) {
    case "proposing":
      return `proposing ${write.id}`;
    case "promised":
      return `promised ${write.id}`;
    case "accepted":
      return `accepted ${say(write.value)} in slot ${write.instance} under ${write.id}`;
    case "decided":
      return `decided ${write.from}..${write.through} under ${write.id}`;
    case "truncated":
      return `truncated through ${write.through}`;
    case "snapshot":
      return `a snapshot through ${write.through}`;
    case "blocks":
      return `${write.records.length} blocks`;
  }
}

export function commandInWords(command: MultiPaxosKinds["command"]): string {
  if (typeof command === "string") return command;
  switch (command.kind) {
    case "write":
      return `write ${JSON.stringify(command.operation)}`;
    case "read":
      return `read ${JSON.stringify(command.query)}, ${command.level}`;
    case "open-session":
      return `open a session for ${command.client}`;
    case "prepare-by-hand":
      return `prepare ${command.id} by hand at ${command.acceptors.join(", ")}`;
    case "accept-by-hand":
      return `put "${command.value}" ${command.ahead} ahead by hand under ${command.id}`;
  }
}

export function replyInWords(reply: GatewayReply): string {
  switch (reply.kind) {
    case "written":
      return `written in slot ${reply.slot}: ${JSON.stringify(reply.result)}`;
    case "read":
      return `${JSON.stringify(reply.answer)} at slot ${reply.slot}, by ${reply.learner}`;
    case "refused":
      return `refused: ${reply.reason}`;
    case "session-expired":
      return "the session has expired, the outcome is unknown";
    case "unknown":
      return "the outcome is unknown";
  }
}

function acceptInWords(
  { id, entries, sequence, decided }: LogMessage & { type: "accept-log" },
  say: (value: string) => string,
): string {
  const told = decided ? `; ${decided.from}..${decided.through} is decided` : "";
  if (entries.length === 0) return `do you still follow ${id}${probe(sequence)}?${told}`;
  const values = entries.map(({ instance, value }) => `${instance}: ${say(value)}`);
  return `accept under ${id} ${values.join(", ")}${told}`;
}

function pageInWords({ entries, next, truncatedThrough }: LogPage, say: (value: string) => string): string {
  const of = ({ instance, acceptedId, acceptedValue, decided }: LogAcceptance) =>
    `${instance}: ${acceptedValue === null ? null : say(acceptedValue)} under ${acceptedId}${decided ? ", decided" : ""}`;
  const more = next === null ? "" : `; more from ${next} on`;
  const truncated = truncatedThrough === 0 ? "" : `; everything through ${truncatedThrough} is truncated`;
  return `, and have accepted ${entries.length === 0 ? "nothing" : entries.map(of).join(", ")}${more}${truncated}`;
}

function outcomeInWords(outcome: (LogMessage & { type: "submitted" })["outcomes"][number]): string {
  switch (outcome.kind) {
    case "applied":
      return `${outcome.requestId} was applied in slot ${outcome.slot}: ${outcome.result}`;
    case "refused":
      return `${outcome.requestId} is refused, ${outcome.reason}`;
    case "unknown":
      return `what becomes of ${outcome.requestId} is unknown`;
  }
}

function placesInWords({ from, atAcceptor = 0, decidedThrough }: LogMessage & { readonly type: "learn" }): string {
  const places = `${from}..${from + atAcceptor - 1}`;
  return `what the acceptor beside you has in ${places} under my id is decided, and everything through ${decidedThrough}`;
}

function range(from: number, values: readonly string[], say: (value: string) => string): string {
  if (values.length === 0) return "nothing new";
  return `${from}..${from + values.length - 1} (${values.map(say).join(", ")})`;
}

function slots(instances: readonly number[]): string {
  return instances.length === 0 ? "nothing" : `${instances[0]}..${instances.at(-1)}`;
}

function probe(sequence: number | undefined): string {
  return sequence === undefined ? "" : ` (probe ${sequence})`;
}
