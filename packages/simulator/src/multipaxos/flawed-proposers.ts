import {
  type Input,
  type LogMessage,
  LogProposer,
  type LogProposerOptions,
  NO_OP,
  type NodeId,
  type Ready,
  ready,
  type Slot,
} from "@synod/consensus";
import type { LogProposerPart } from "./parts.js";
import { hearing, hearingFromAll, sending, wrapped } from "./wrapping.js";

type Heard = Input<LogMessage>;
type State = LogProposer["state"];

/** The real one's state, for a flaw that needs to look into it. */
function stateOf(proposer: LogProposerPart): State {
  if (!(proposer instanceof LogProposer)) throw new TypeError("this flaw is planted in the real proposer only");
  return proposer.state;
}

/** Sends no message of this type. */
export function silent(proposer: LogProposerPart, type: LogMessage["type"]): LogProposerPart {
  return wrapped(proposer, { output: sending((one) => (one.message.type === type ? [] : [one])) });
}

/** Tells every learner to keep what comes of values to itself. */
export function hushing(proposer: LogProposerPart): LogProposerPart {
  return wrapped(proposer, {
    output: sending((one) =>
      one.message.type === "learn" ? [{ ...one, message: { ...one.message, quiet: true as const } }] : [one],
    ),
  });
}

/** Finds no values with the promises. */
export function findingNothing(proposer: LogProposerPart): LogProposerPart {
  return wrapped(proposer, {
    input: hearing({
      "promise-log": (message) => ({ ...message, page: { ...message.page, entries: [] } }),
      log: (message) => ({ ...message, page: { ...message.page, entries: [] } }),
    }),
  });
}

/** Tells learners what it proposes as soon as it proposes it. */
export function tellingUndecided(proposer: LogProposerPart, { name, learners }: LogProposerOptions): LogProposerPart {
  return wrapped(proposer, {
    output: (step) => {
      const told = new Set<Slot>();
      const more = step.messages.flatMap(({ message }) => {
        if (message.type !== "accept-log" || message.entries.length === 0) return [];
        const from = message.entries[0]?.instance ?? 0;
        if (told.has(from)) return [];
        told.add(from);
        const values = message.entries.map(({ value }) => value);
        const decidedThrough = from + values.length - 1;
        const learn = { type: "learn", leader: name, id: message.id, number: 0, from, values, decidedThrough } as const;
        return learners.map((to) => ({ to, message: learn }));
      });
      return { ...step, messages: [...step.messages, ...more] };
    },
  });
}

/** Leaves the no-ops out of its accepts, and believes that they were accepted with the rest. */
export function skippingGaps(proposer: LogProposerPart): LogProposerPart {
  /** The slots of each accept that had no-ops, by the slots that were sent of it. */
  const whole = new Map<string, readonly Slot[]>();
  return wrapped(proposer, {
    input: hearing({
      "accepted-log": (message) => {
        const instances = whole.get(`${message.id} ${message.instances.join()}`);
        return instances ? { ...message, instances } : message;
      },
    }),
    output: sending((outgoing) => {
      const { message } = outgoing;
      if (message.type !== "accept-log") return [outgoing];
      const entries = message.entries.filter(({ value }) => value !== NO_OP);
      if (entries.length === message.entries.length || entries.length === 0) return [outgoing];
      const sent = entries.map(({ instance }) => instance).join();
      whole.set(
        `${message.id} ${sent}`,
        message.entries.map(({ instance }) => instance),
      );
      return [{ ...outgoing, message: { ...message, entries } }];
    }),
  });
}

/** Answers strong reads by itself, in these states, with what is decided so far. */
export function answeringReads(
  proposer: LogProposerPart,
  when: (leading: NonNullable<State["leading"]>) => boolean,
): LogProposerPart {
  return {
    step: (input: Heard): Ready<LogMessage, never> => {
      const { leading } = stateOf(proposer);
      const isOurs = input.kind === "message" && input.message.type === "read-barrier" && leading && when(leading);
      if (!isOurs || input.message.type !== "read-barrier") return proposer.step(input) as Ready<LogMessage, never>;
      const { requestId } = input.message;
      const cost = { messages: 0, sharedBy: 1 };
      const message = { type: "read-barrier-passed", requestId, slot: leading.decidedThrough, cost } as const;
      return ready({ messages: [{ to: input.from, message }] });
    },
    get state() {
      return proposer.state;
    },
  };
}

/** Takes every answer of an acceptor for one to its last question. */
export function takingAnyConfirmation(proposer: LogProposerPart): LogProposerPart {
  let last: number | undefined;
  return wrapped(proposer, {
    input: hearing({
      "accepted-log": (message) => (last === undefined ? message : { ...message, sequence: last }),
    }),
    output: sending((outgoing) => {
      if (outgoing.message.type === "accept-log") last = outgoing.message.sequence ?? last;
      return [outgoing];
    }),
  });
}

/** Takes the snapshot of one learner for everybody's. */
export function trustingOneSnapshot(proposer: LogProposerPart): LogProposerPart {
  let most: Slot | 0 = 0;
  return wrapped(proposer, {
    input: hearing({
      learned: (message) => {
        if (message.snapshotThrough === null) return message;
        most = Math.max(most, message.snapshotThrough);
        return { ...message, snapshotThrough: most };
      },
    }),
  });
}

/** Takes the n-th answer to an accept for one of the n-th acceptor, whoever gave it. */
export function countingAnswers(proposer: LogProposerPart, { acceptors }: LogProposerOptions): LogProposerPart {
  const counts = new Map<string, number>();
  return wrapped(proposer, {
    input: (input) => {
      if (input.kind !== "message" || input.message.type !== "accepted-log") return input;
      const { id, instances, sequence } = input.message;
      if (instances.length === 0) return input;
      const batch = `${id} ${instances[0]} ${sequence}`;
      const count = counts.get(batch) ?? 0;
      counts.set(batch, count + 1);
      return { ...input, from: acceptors[count % acceptors.length] as NodeId };
    },
  });
}

/** Believes that more is settled than its leader says. */
export function settlingAhead(proposer: LogProposerPart, slots: number): LogProposerPart {
  return wrapped(proposer, {
    input: hearing({
      heartbeat: (message) => ({ ...message, settledThrough: message.settledThrough + slots }),
    }),
  });
}

/** Never asks for a majority's word: what it hears of one acceptor it takes for the word of all. */
export function electedByOne(proposer: LogProposerPart, { acceptors }: LogProposerOptions): LogProposerPart {
  return hearingFromAll(proposer, "promise-log", acceptors);
}
