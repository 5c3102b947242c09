import type {
  AcceptReply,
  HistoryReply,
  LogAcceptReply,
  LogPrepareReply,
  LogReply,
  LogTruncateReply,
  PrepareReply,
  StateReply,
} from "@synod/api";
import {
  type Accept,
  type Acceptance,
  type AcceptedLog,
  type AcceptLog,
  IDS_PER_ROUND,
  LAST_PROPOSAL_ID,
  type LogPage,
  MOST_AHEAD_BY_HAND,
  type Prepare,
  type PrepareLog,
  type ReadHistory,
  type ReadLog,
  type ReadState,
  type Refused,
  type ReplyTo,
  type Truncated,
  type TruncateLog,
} from "@synod/consensus";
import { RequestRefused } from "./node/refusals.js";

/** The acceptor's answers in the words of the wire. What they mean was decided before: here is only their form. */

export function prepareReply(reply: ReplyTo<Prepare>): PrepareReply {
  switch (reply.type) {
    case "promise":
      return { ignored: false, promisedId: reply.id, ...reply.accepted };
    case "prepare-ignored":
      return { ignored: true, promisedId: reply.promisedId, ...reply.accepted };
    case "refused":
      throw refusal(reply);
    case "truncated":
      return { ignored: !reply.promised, ...truncatedReply(reply) };
  }
}

export function acceptReply(reply: ReplyTo<Accept>): AcceptReply {
  switch (reply.type) {
    case "accepted":
      return { ignored: false, acceptedId: reply.id, acceptedValue: reply.value };
    case "accept-ignored":
      return { ignored: true, promisedId: reply.promisedId };
    case "refused":
      throw refusal(reply);
    case "truncated":
      throw gone(reply);
  }
}

export function stateReply(reply: ReplyTo<ReadState>): StateReply {
  if (reply.type === "truncated") return truncatedReply(reply);
  return { promisedId: reply.promisedId, ...(reply.accepted ?? NOTHING_ACCEPTED) };
}

export function historyReply(reply: ReplyTo<ReadHistory>): HistoryReply {
  if (reply.type === "truncated") throw gone(reply);
  const { instance, history, missingThroughId } = reply;
  return { instance, history: [...history], missingThroughId };
}

export function logPrepareReply(reply: ReplyTo<PrepareLog>): LogPrepareReply {
  if (reply.type === "prepare-log-ignored") return { ignored: true, promisedId: reply.promisedId };
  return { ignored: false, promisedId: reply.id, ...logPage(reply.page) };
}

export function logAcceptReply(reply: ReplyTo<AcceptLog>): LogAcceptReply {
  switch (reply.type) {
    case "accepted-log":
      return { ignored: false, acceptedId: reply.id, instances: [...reply.instances], ...sequenceOf(reply) };
    case "accept-log-ignored":
      return { ignored: true, promisedId: reply.promisedId };
    case "refused":
      throw refusal(reply);
    case "truncated":
      throw gone(reply);
  }
}

function sequenceOf({ sequence }: AcceptedLog): { sequence?: number } {
  return sequence === undefined ? {} : { sequence };
}

export function logTruncateReply({ truncatedThrough }: ReplyTo<TruncateLog>): LogTruncateReply {
  return { truncatedThrough };
}

export function logReply({ promisedId, page }: ReplyTo<ReadLog>): LogReply {
  return { promisedId, ...logPage(page) };
}

const NOTHING_ACCEPTED = { acceptedId: -1, acceptedValue: null };

function logPage({ entries, next, truncatedThrough }: LogPage) {
  return { entries: [...entries], next, truncatedThrough };
}

function truncatedReply({ promisedId, truncatedThrough }: Truncated) {
  return { promisedId, truncated: true as const, truncatedThrough };
}

function gone({ instance, truncatedThrough }: Truncated): RequestRefused {
  return new RequestRefused(
    "truncated",
    `instance ${instance} is decided and truncated, as everything up to ${truncatedThrough} is; ask a learner for its snapshot`,
  );
}

function refusal({ reason, id, instance, accepted }: Refused): RequestRefused {
  return new RequestRefused(reason, refusalText(reason, id, instance, accepted));
}

function refusalText(reason: Refused["reason"], id: number, instance: number, accepted: Acceptance | null): string {
  switch (reason) {
    case "duplicate-instance":
      return `the batch names instance ${instance} more than once; one slot takes one value`;
    case "value-conflict":
      return conflictText(id, instance, accepted);
    case "already-decided":
      return `instance ${instance} is decided: the value ${quoted(accepted)} is chosen there, and no other one ever will be`;
    case "not-a-persons-id":
      return `id ${id} belongs to a proposer of this cluster: people take multiples of 16, such as ${nextPersonsId(id)}`;
    case "id-too-high":
      return `above id ${id} hardly any is left, and this cluster could never have a leader again: take a lower one`;
    case "too-far-ahead":
      return `instance ${instance} is more than ${MOST_AHEAD_BY_HAND} beyond the end of the log: take one that is nearer`;
    case "by-hand-off":
      return "the acceptors of this cluster take no accepts by hand: start it with chaos, and it may be broken at will";
  }
}

function nextPersonsId(id: number): number {
  return Math.min(Math.ceil((id + 1) / IDS_PER_ROUND), Math.floor(LAST_PROPOSAL_ID / IDS_PER_ROUND)) * IDS_PER_ROUND;
}

/** Characters of a value that a message repeats. */
const LONGEST_QUOTE = 200;

function quoted(accepted: Acceptance | null): string {
  const whole = JSON.stringify(accepted?.acceptedValue ?? null);
  return whole.length <= LONGEST_QUOTE ? whole : `${whole.slice(0, LONGEST_QUOTE)}...`;
}

function conflictText(id: number, instance: number, accepted: Acceptance | null): string {
  return (
    `id ${id} already carries the value ${quoted(accepted)} in instance ${instance}: ` +
    "one id carries one value, so propose the other one with a higher id"
  );
}
