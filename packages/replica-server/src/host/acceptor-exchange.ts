import { type AcceptorClient, ProblemAnswer } from "@synod/client";
import type {
  AcceptLog,
  LogMessage,
  PrepareLog,
  ReadLog,
  RefusalReason,
  Refused,
  Truncated,
  TruncateLog,
} from "@synod/consensus";
import { encoder } from "./encoded-once.js";
import type { Exchange } from "./peer-connection.js";

type Client = Pick<AcceptorClient, "logPrepare" | "logAccept" | "log" | "logTruncate">;

const REFUSALS: readonly RefusalReason[] = ["value-conflict", "duplicate-instance", "already-decided"];

/** The core's messages to an acceptor as calls of its client, and the client's answers as the core's messages. */
export function acceptorExchange(client: Client): Exchange {
  return async (message: LogMessage): Promise<LogMessage | null> => {
    switch (message.type) {
      case "prepare-log":
        return prepare(client, message);
      case "accept-log":
        return accept(client, message);
      case "read-log":
        return readLog(client, message);
      case "truncate-log":
        return truncate(client, message);
      default:
        return null;
    }
  };
}

async function prepare(client: Client, { id, from }: PrepareLog): Promise<LogMessage> {
  const reply = await client.logPrepare({ id, from });
  if (reply.ignored) return { type: "prepare-log-ignored", id, promisedId: reply.promisedId };
  const { entries, next, truncatedThrough } = reply;
  return { type: "promise-log", id, page: { entries, next, truncatedThrough } };
}

async function accept(client: Client, message: AcceptLog): Promise<LogMessage> {
  const { id } = message;
  try {
    const reply = await client.logAccept(acceptBody(message));
    if (reply.ignored) return { type: "accept-log-ignored", id, promisedId: reply.promisedId };
    const { acceptedId, instances } = reply;
    const back = reply.sequence === undefined ? {} : { sequence: reply.sequence };
    return { type: "accepted-log", id: acceptedId, instances, ...back };
  } catch (error) {
    if (!(error instanceof ProblemAnswer)) throw error;
    const { code } = error.problem;
    if (code === "truncated") return truncated(client, message);
    const reason = REFUSALS.find((one) => one === code);
    if (reason === undefined) throw error;
    return refused(message, reason);
  }
}

const acceptBody = encoder(({ id, entries, sequence, decided }: AcceptLog) => {
  return { id, entries, ...(sequence === undefined ? {} : { sequence }), ...(decided ? { decided } : {}) };
});

function refused({ id, entries }: AcceptLog, reason: RefusalReason): Refused {
  return { type: "refused", id, instance: entries[0]?.instance ?? 1, reason, accepted: null };
}

/** The refusal says that it is truncated, and a look at the log says how far. */
async function truncated(client: Client, { entries }: AcceptLog): Promise<Truncated> {
  const instance = entries[0]?.instance ?? 1;
  const { truncatedThrough, promisedId } = await client.log({ from: instance, limit: 1 });
  return { type: "truncated", instance, truncatedThrough, promisedId };
}

async function readLog(client: Client, { from, limit }: ReadLog): Promise<LogMessage> {
  const { promisedId, entries, next, truncatedThrough } = await client.log({ from, limit });
  return { type: "log", from, promisedId, page: { entries, next, truncatedThrough } };
}

async function truncate(client: Client, { through }: TruncateLog): Promise<LogMessage> {
  const { truncatedThrough } = await client.logTruncate({ through });
  return { type: "log-truncated", truncatedThrough };
}
