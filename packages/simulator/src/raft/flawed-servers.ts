import {
  type Input,
  isMajority,
  type LogMessage,
  type NodeId,
  type RaftMessage,
  RaftNode,
  type RaftOptions,
  type RaftWrite,
  type Ready,
} from "@synod/consensus";
import { hearing, sending, wrapped } from "../multipaxos/wrapping.js";
import type { RaftPart } from "./parts.js";

export type Heard = Input<LogMessage, string>;
export type Step = Ready<LogMessage, RaftWrite, string>;

/** Beyond every log and every term of a simulation. */
const FAR = 1_000_000;

/** The real one's state, for a flaw that needs to look into it. */
export function stateOf(server: RaftPart): RaftNode["state"] {
  if (!(server instanceof RaftNode)) throw new TypeError("this flaw is planted in the real server only");
  return server.state;
}

/** Two steps that follow each other, as one. */
function together(one: Step, other: Step): Step {
  return {
    writes: [...one.writes, ...other.writes],
    messages: [...one.messages, ...other.messages],
    replies: [...one.replies, ...other.replies],
    timers: [...one.timers, ...other.timers],
    decided: [...one.decided, ...other.decided],
    mark: other.mark,
  };
}

// --- Disks -----------------------------------------------------------------------------------------------------------

/** Takes whatever it writes for durable at once. */
export function countingEarly(server: RaftPart): RaftPart {
  return {
    step: (input) => {
      let step = server.step(input);
      while (step.mark !== undefined) step = together(step, server.step({ kind: "durable", mark: step.mark }));
      return step;
    },
    get state() {
      return server.state;
    },
  };
}

/** Sends messages of this type at once, and writes to its disk meanwhile. */
export function tellingEarly(server: RaftPart, type: RaftMessage["type"]): RaftPart {
  return wrapped(server, {
    output: sending((one) => [one.message.type === type ? { ...one, beforeWrites: true as const } : one]),
  });
}

// --- Elections -------------------------------------------------------------------------------------------------------

/** Takes every candidate's log for longer than its own. */
export function votingForAnyLog(server: RaftPart): RaftPart {
  return wrapped(server, {
    input: hearing({ "request-vote": (message) => ({ ...message, lastIndex: FAR, lastTerm: FAR }) }),
  });
}

/** Takes one server's vote for that of all. */
export function electedByOne(server: RaftPart, { voters }: RaftOptions): RaftPart {
  return {
    step: (input) => {
      if (input.kind !== "message" || input.message.type !== "vote") return server.step(input);
      const { message } = input;
      return voters
        .map((voter) => server.step({ ...input, from: voter, message: { ...message, voter } }))
        .reduce((one, other) => together(one, other), NOTHING);
    },
    get state() {
      return server.state;
    },
  };
}

/** Sends nothing where there is no entry to send. */
export function withoutHeartbeats(server: RaftPart): RaftPart {
  const isHeartbeat = (message: LogMessage) => message.type === "append-entries" && message.entries.length === 0;
  return wrapped(server, { output: sending((one) => (isHeartbeat(one.message) ? [] : [one])) });
}

// --- Replication -----------------------------------------------------------------------------------------------------

/** Never looks for the place where a follower's log and its own agree. */
export function neverSteppingBack(server: RaftPart): RaftPart {
  return wrapped(server, { input: hearing({ appended: (message) => ({ ...message, conflict: null }) }) });
}

/** Says that its log is the leader's where it is not. */
export function agreeingAlways(server: RaftPart): RaftPart {
  return wrapped(server, {
    output: sending((one) => {
      const { message } = one;
      if (message.type !== "appended" || message.conflict === null) return [one];
      return [{ ...one, message: { ...message, conflict: null, matchIndex: message.previousIndex } }];
    }),
  });
}

/** Leaves the term of the last entry out of the snapshots that it sends. */
export function withoutLastTerm(server: RaftPart): RaftPart {
  return wrapped(server, {
    output: sending((one) =>
      one.message.type === "install-snapshot" ? [{ ...one, message: { ...one.message, lastTerm: 0 } }] : [one],
    ),
  });
}

/**
 * Tells followers that entries of earlier terms are committed as soon as a majority has them (figure 3.7): up to the one
 * before the first of its own term.
 */
export function committingEarlierTerms(server: RaftPart, { name }: RaftOptions): RaftPart {
  const ownFirst = new OwnFirst(server);
  return {
    step: (input) => {
      const step = ownFirst.step(input);
      const { leading, voters, commitIndex } = stateOf(server);
      if (leading === null) return step;
      const last = ownFirst.index - 1;
      const has = voters.map((voter) => (voter === name ? last : (leading.followers[voter]?.matchIndex ?? 0)));
      const most = has.sort((one, other) => other - one)[Math.floor(voters.length / 2)] ?? 0;
      const counted = Math.max(commitIndex, Math.min(last, most));
      return sending<RaftWrite, string, never>((one) =>
        one.message.type === "append-entries" ? [{ ...one, message: { ...one.message, commitIndex: counted } }] : [one],
      )(step);
    },
    get state() {
      return server.state;
    },
  };
}

// --- Reads -----------------------------------------------------------------------------------------------------------

/** Answers strong reads by itself, without a word of the others. */
export function readingUnconfirmed(server: RaftPart): RaftPart {
  return {
    step: (input) => {
      const { role, commitIndex } = stateOf(server);
      if (role !== "leader" || input.kind !== "message" || input.message.type !== "read-barrier") {
        return server.step(input);
      }
      const { requestId } = input.message;
      return { ...NOTHING, messages: [{ to: input.from, message: passed(requestId, commitIndex) }] };
    },
    get state() {
      return server.state;
    },
  };
}

/** Answers strong reads with what it knows to be committed when they come, be it of its own term or not. */
export function readingBeforeOwnCommit(server: RaftPart, { name }: RaftOptions): RaftPart {
  const ownFirst = new OwnFirst(server);
  let waiting: { readonly to: NodeId; readonly requestId: string; readonly slot: number; heard: NodeId[] }[] = [];
  return {
    step: (input) => {
      const { role, commitIndex, voters, term } = stateOf(server);
      if (role !== "leader") waiting = [];
      if (role !== "leader" || input.kind !== "message") return ownFirst.step(input);
      const { from, message } = input;
      if (message.type === "read-barrier" && commitIndex < ownFirst.index) {
        waiting.push({ to: from, requestId: message.requestId, slot: commitIndex, heard: [name] });
        return NOTHING;
      }
      const step = ownFirst.step(input);
      if (message.type !== "appended" || message.term !== term) return step;
      for (const read of waiting) read.heard = [...read.heard, from];
      const isSure = ({ heard }: { readonly heard: NodeId[] }) => isMajority(heard, voters.length);
      const sure = waiting.filter(isSure);
      waiting = waiting.filter((read) => !isSure(read));
      const answers = sure.map(({ to, requestId, slot }) => ({ to, message: passed(requestId, slot) }));
      return { ...step, messages: [...step.messages, ...answers] };
    },
    get state() {
      return server.state;
    },
  };
}

/** Takes every answer of a follower for one to its last question. */
export function takingAnyConfirmation(server: RaftPart): RaftPart {
  return wrapped(server, { input: hearing({ appended: (message) => ({ ...message, sequence: FAR }) }) });
}

const NOTHING: Step = { writes: [], messages: [], replies: [], timers: [], decided: [] };

function passed(requestId: string, slot: number) {
  return { type: "read-barrier-passed", requestId, slot, cost: { messages: 0, sharedBy: 1 } } as const;
}

/** Which entry a server began its term as a leader with. */
export class OwnFirst {
  /** 0: it does not lead. */
  index = 0;
  readonly #server: RaftPart;

  constructor(server: RaftPart) {
    this.#server = server;
  }

  step(input: Heard): Step {
    const step = this.#server.step(input);
    const { role, lastIndex } = stateOf(this.#server);
    if (role !== "leader") this.index = 0;
    // It begins with an entry of its own, in the step in which it is elected.
    else if (this.index === 0) this.index = lastIndex;
    return step;
  }
}
