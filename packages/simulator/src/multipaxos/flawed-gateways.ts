import type { Input, LogMessage } from "@synod/consensus";
import type { AppliedResult, GatewayReply, GatewayRequest, TouchedBy } from "@synod/state-machines";
import type { GatewayPart } from "./parts.js";
import { hearing, sending, wrapped } from "./wrapping.js";

/** Reads that are asked for at one level are done at another. */
export function readingAt(
  gateway: GatewayPart,
  level: "session" | "strong",
  instead: "eventual" | "session",
): GatewayPart {
  return wrapped<never, GatewayRequest, GatewayReply>(gateway, {
    input: (input: Input<LogMessage, GatewayRequest>) => {
      if (input.kind !== "propose" || input.command.kind !== "read" || input.command.level !== level) return input;
      return { ...input, command: { ...input.command, level: instead } };
    },
  }) as GatewayPart;
}

/** Says that a write was refused where nobody knows what became of it. */
export function refusingWhatIsUnknown(gateway: GatewayPart): GatewayPart {
  const refused: GatewayReply = { kind: "refused", reason: "no-leader" };
  return wrapped<never, GatewayRequest, GatewayReply>(gateway, {
    output: (ready) => ({
      ...ready,
      replies: ready.replies.map((one) => (one.reply.kind === "unknown" ? { ...one, reply: refused } : one)),
    }),
  }) as GatewayPart;
}

/** How much the number of a command rises each time that it is sent again. */
const RENUMBERED_BY = 100;

/** Gives a command another number when it sends it again. */
export function renumbering(gateway: GatewayPart): GatewayPart {
  const sent = new Map<string, number>();
  return wrapped<never, GatewayRequest, GatewayReply>(gateway, {
    output: sending((outgoing) => {
      if (outgoing.message.type !== "submit") return [outgoing];
      const requests = outgoing.message.requests.map(({ requestId, value }) => {
        const times = sent.get(requestId) ?? 0;
        sent.set(requestId, times + 1);
        const command = JSON.parse(value);
        if (times === 0 || command.sequence === undefined) return { requestId, value };
        return { requestId, value: JSON.stringify({ ...command, sequence: command.sequence + times * RENUMBERED_BY }) };
      });
      return [{ ...outgoing, message: { ...outgoing.message, requests } }];
    }),
  }) as GatewayPart;
}

/** Takes what came of the last command of a slot for what came of its first one, and so on. */
export function turningResults(gateway: GatewayPart): GatewayPart {
  return wrapped<never, GatewayRequest, GatewayReply>(gateway, {
    input: hearing({
      submitted: (message) => ({
        ...message,
        outcomes: message.outcomes.map((outcome) => {
          if (outcome.kind !== "applied") return outcome;
          const applied: AppliedResult = JSON.parse(outcome.result);
          if (applied.kind !== "results") return outcome;
          return { ...outcome, result: JSON.stringify({ ...applied, results: [...applied.results].reverse() }) };
        }),
      }),
    }),
  }) as GatewayPart;
}

/** Says of every write that it touches what no other one touches. */
export function touchingNothingTwice(): TouchedBy {
  let writes = 0;
  return () => `write ${++writes}`;
}

/** Takes every answer of a learner for one to the last question. */
export function mixingAnswers(gateway: GatewayPart): GatewayPart {
  let last: (LogMessage & { type: "query" }) | null = null;
  return wrapped<never, GatewayRequest, GatewayReply>(gateway, {
    input: hearing({
      "query-answer": (message) => {
        const fits = last?.queries.length === message.answers.length && last.atLeast <= message.slot;
        return fits && last ? { ...message, requestId: last.requestId } : message;
      },
    }),
    output: sending((outgoing) => {
      if (outgoing.message.type === "query") last = outgoing.message;
      return [outgoing];
    }),
  }) as GatewayPart;
}
