import {
  type LogApplication,
  LogLearner,
  type LogLearnerOptions,
  NO_OP,
  type NodeId,
  type ProposalId,
  type Slot,
} from "@synod/consensus";
import {
  type Command,
  encodeCommand,
  KeyValueStore,
  parseEnvelope,
  ReplicatedState,
  type ReplicatedStateOptions,
  type StateMachine,
} from "@synod/state-machines";
import { touchingNothingTwice } from "./flawed-gateways.js";
import type { LogLearnerPart } from "./parts.js";
import { hearing, hearingFromAll, wrapped } from "./wrapping.js";

/** Fills what it was not told with no-ops, and applies what comes after it. */
export function applyingAcrossGaps(learner: LogLearnerPart): LogLearnerPart {
  return wrapped(learner, {
    input: hearing({
      learn: (message) => {
        if (!(learner instanceof LogLearner)) throw new TypeError("this flaw is planted in the real learner only");
        const gap = message.from - learner.state.appliedThrough - 1;
        if (gap <= 0 || message.values.length === 0) return message;
        const values = [...Array.from({ length: gap }, () => NO_OP), ...message.values];
        return { ...message, from: message.from - gap, values };
      },
    }),
  });
}

/** Adds up what acceptors accepted under different ids. */
export function mixingIds(learner: LogLearnerPart): LogLearnerPart {
  return wrapped(learner, {
    input: hearing({
      log: (message) => {
        const entries = message.page.entries.map((entry) => ({ ...entry, acceptedId: 0 }));
        return { ...message, page: { ...message.page, entries } };
      },
    }),
  });
}

/** Takes what the acceptor beside it has accepted for what a leader means, whatever the id. */
export function takingAnyAccepted(learner: LogLearnerPart, { acceptor }: LogLearnerOptions): LogLearnerPart {
  let looked: { readonly id: ProposalId; readonly from: Slot } | null = null;
  return wrapped(learner, {
    input: (input) => {
      if (input.kind !== "message") return input;
      const { from, message } = input;
      if (message.type === "learn" && message.atAcceptor !== undefined) looked = message;
      const isLooked = message.type === "log" && from === acceptor && message.from === looked?.from;
      if (!isLooked || looked === null) return input;
      const { id: acceptedId } = looked;
      looked = null;
      const entries = message.page.entries.map((entry) => ({ ...entry, acceptedId }));
      return { ...input, message: { ...message, page: { ...message.page, entries } } };
    },
  });
}

/** Takes an acceptor's word for that of all. */
export function believingOneAcceptor(learner: LogLearnerPart, acceptors: readonly NodeId[]): LogLearnerPart {
  return hearingFromAll(learner, "log", acceptors);
}

/** Says what it says before its snapshot is on the disk. */
export function tellingEarly(learner: LogLearnerPart): LogLearnerPart {
  return wrapped(learner, {
    output: (ready) => ({
      ...ready,
      messages: ready.messages.map((message) => ({ ...message, beforeWrites: true as const })),
    }),
  });
}

/** One register for whatever key there is. */
export function oneRegister(application: LogApplication): LogApplication {
  const keyless = (text: string) => text.replace(/"key":"[^"]*"/, '"key":"register"');
  return changed(application, {
    apply: (slot, value) => application.apply(slot, keyless(value)),
    recall: (slot, value) => application.recall(slot, keyless(value)),
    read: (query) => application.read(keyless(query)),
  });
}

/** Carries a command out as often as it is in the log. */
export function carryingOutCopies<Operation, Change>(
  machine: StateMachine<Operation, Change>,
  options: ReplicatedStateOptions<Change>,
): LogApplication {
  const state = new ReplicatedState(machine, options);
  const seen = new Set<string>();
  return changed(state, {
    apply: (slot, value) => {
      const result = state.apply(slot, value);
      for (const command of seen.has(value) ? commandsIn(value) : []) {
        const operation = machine.parseOperation(command.operation);
        if (operation === null) continue;
        const { changes } = machine.apply(slot, operation, command);
        options.observer?.applied?.(slot, changes);
      }
      seen.add(value);
      return result;
    },
  });
}

function commandsIn(value: string): readonly Command[] {
  const envelope = parseEnvelope(value);
  if (envelope.kind === "commands") return envelope.commands;
  return envelope.kind === "command" ? [envelope] : [];
}

/** Remembers of commands that share a slot the first one alone. */
export function rememberingFirst<Operation, Change>(
  machine: StateMachine<Operation, Change>,
  options: ReplicatedStateOptions<Change>,
): LogApplication {
  const state = new ReplicatedState(machine, options);
  return changed(state, {
    apply: (slot, value) => {
      const [first, ...others] = commandsIn(value);
      if (first === undefined || others.length === 0) return state.apply(slot, value);
      const result = JSON.parse(state.apply(slot, encodeCommand(first)));
      const results = others.map((command) => {
        const operation = machine.parseOperation(command.operation);
        if (operation === null || result.kind !== "result") return result;
        return { kind: "result", result: machine.apply(slot, operation, command).result };
      });
      return JSON.stringify({ kind: "results", results: [result, ...results] });
    },
  });
}

/** A store in which any writes may share a slot. */
export class StoreOfAnyTouch extends KeyValueStore {
  readonly #touches = touchingNothingTwice();

  override touches(): string {
    return this.#touches(null) ?? "";
  }
}

/** Leaves the sessions out of its snapshots. */
export function forgettingSessions(application: LogApplication): LogApplication {
  return changed(application, {
    snapshot: () => {
      const [text = "{}", ...pieces] = application.snapshot();
      const head = JSON.parse(text);
      return [JSON.stringify({ ...head, sessionPieces: 0 }), ...pieces.slice(head.sessionPieces)];
    },
  });
}

/** An application, some of which is done otherwise. */
function changed(application: LogApplication, changes: Partial<LogApplication>): LogApplication {
  return {
    apply: (slot, value) => application.apply(slot, value),
    recall: (slot, value) => application.recall(slot, value),
    read: (query) => application.read(query),
    snapshot: () => application.snapshot(),
    restore: (pieces, through) => application.restore(pieces, through),
    ...changes,
  };
}
