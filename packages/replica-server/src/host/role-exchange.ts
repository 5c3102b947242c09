import { type Address, formatAddress, NODE_HEADER, parseNodeIdentity } from "@synod/api";
import { isProblem, NoAnswer, ProblemAnswer, type Transport } from "@synod/client";
import type { LogMessage } from "@synod/consensus";
import { encodedOnce } from "./encoded-once.js";
import { isReplyTo, ROUTES, type RoutedType } from "./message-routes.js";
import type { Exchange } from "./peer-connection.js";

export interface RoleExchangeOptions {
  /** The name of the role that is expected to answer. An answer from another one is no answer. */
  readonly name: string;
  readonly address: Address;
  readonly clusterId: string;
  readonly transport: Transport;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** The core's messages to a proposer or a learner as requests, and the answers as the core's messages. */
export function roleExchange(options: RoleExchangeOptions): Exchange {
  const headers = { ...options.headers, "content-type": "application/json" };
  return async (message: LogMessage) => {
    if (!isRouted(message)) return null;
    const timeoutMs = timeFor(message, options.timeoutMs);
    const text = await ask(options, timeoutMs, () =>
      options.transport.exchange({
        method: "POST",
        path: ROUTES[message.type],
        headers,
        body: encodedOnce(message),
        timeoutMs,
      }),
    );
    const reply: unknown = parseJson(text);
    if (isProblem(reply)) throw new ProblemAnswer(reply);
    return agreedReply(options.name, message, reply);
  };
}

/** How long the answer to a message may take, in milliseconds: a learner itself waits before it answers a question. */
export function timeFor(message: LogMessage, timeoutMs: number): number {
  return timeoutMs + (message.type === "query" ? message.waitMs : 0);
}

/** @throws {NoAnswer} if that is not how this message is answered */
export function agreedReply(name: string, { type }: LogMessage, reply: unknown): LogMessage {
  if (isReplyTo(type, reply)) return reply;
  throw new NoAnswer("broken", `what ${name} answers to ${type} has not the form that was agreed`);
}

async function ask(
  { address, name, clusterId }: RoleExchangeOptions,
  timeoutMs: number,
  exchange: () => ReturnType<Transport["exchange"]>,
): Promise<string> {
  let answer: Awaited<ReturnType<typeof exchange>>;
  try {
    answer = await exchange();
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    throw NoAnswer.because(error, formatAddress(address), isLate ? timeoutMs : null);
  }
  const identity = parseNodeIdentity(answer.headers[NODE_HEADER]);
  if (identity?.name === name && identity.clusterId === clusterId) return answer.text;
  throw new NoAnswer("wrong-server", `at ${formatAddress(address)} is not ${name} of this cluster`);
}

function isRouted(message: LogMessage): message is LogMessage & { type: RoutedType } {
  return Object.hasOwn(ROUTES, message.type);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
