import type { LogApplication } from "@synod/consensus";
import { type GatewayOptions, KeyValueStore, ReplicatedState, type SessionLimits } from "@synod/state-machines";
import type { Mutation } from "../campaign/protocol.js";
import {
  mixingAnswers,
  readingAt,
  refusingWhatIsUnknown,
  renumbering,
  touchingNothingTwice,
  turningResults,
} from "./flawed-gateways.js";
import { forgettingSessions, rememberingFirst, StoreOfAnyTouch } from "./flawed-learners.js";
import type { GatewayPart } from "./parts.js";

/** What clusters of every engine are made of. */
interface PartsBesideEngine {
  application(limits: Partial<SessionLimits>): LogApplication;
  gateway(options: GatewayOptions): GatewayPart;
}

/** Flaws of what stands on a log and before it, whatever the engine. @param server what applies the log, as the engine calls it */
export function flawsBesideEngine<Parts extends PartsBesideEngine>(server: "learner" | "server") {
  return {
    forgetsSessions: {
      name: "forgets-sessions",
      sentence: "A snapshot leaves the sessions out.",
      plant: (parts) => ({ ...parts, application: (limits) => forgettingSessions(parts.application(limits)) }),
    },
    remembersFirst: {
      name: "remembers-first",
      sentence: `Of commands that share a slot a ${server} remembers the first one alone.`,
      plant: (parts) => ({
        ...parts,
        application: (limits) => rememberingFirst(new KeyValueStore(), { limits }),
      }),
    },
    sharesAnySlot: {
      name: "shares-any-slot",
      sentence: "Gateways and states let two writes of one key share a slot, and so a revision.",
      plant: (parts) => ({
        ...parts,
        application: (limits) => new ReplicatedState(new StoreOfAnyTouch(), { limits }),
        gateway: (options) => parts.gateway({ ...options, touches: touchingNothingTwice() }),
      }),
    },
    turnsResults: {
      name: "turns-results",
      sentence: "A gateway gives the results of commands that shared a slot to each other's requests.",
      plant: (parts) => ({ ...parts, gateway: (options) => turningResults(parts.gateway(options)) }),
    },
    renumbersCopies: {
      name: "renumbers-copies",
      sentence: "A gateway that sends a write again gives it another number.",
      plant: (parts) => ({ ...parts, gateway: (options) => renumbering(parts.gateway(options)) }),
    },
    ignoresToken: {
      name: "ignores-token",
      sentence: `A read of a session is answered by any ${server}, however far behind.`,
      plant: (parts) => ({ ...parts, gateway: (options) => readingAt(parts.gateway(options), "session", "eventual") }),
    },
    mixesAnswers: {
      name: "mixes-answers",
      sentence: `A gateway takes a ${server}'s answer to an earlier question for the one to its last.`,
      plant: (parts) => ({ ...parts, gateway: (options) => mixingAnswers(parts.gateway(options)) }),
    },
    unknownIsRefused: {
      name: "unknown-is-refused",
      sentence: "A gateway says that a write was refused where nobody knows what became of it.",
      plant: (parts) => ({ ...parts, gateway: (options) => refusingWhatIsUnknown(parts.gateway(options)) }),
    },
  } satisfies Record<string, Mutation<Parts>>;
}
