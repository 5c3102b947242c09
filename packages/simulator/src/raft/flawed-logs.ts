import type {
  ChangeMembership,
  Configuration,
  NodeId,
  RaftEntry,
  RaftOptions,
  RaftWrite,
  Term,
} from "@synod/consensus";
import { type Heard, OwnFirst, type Step, stateOf } from "./flawed-servers.js";
import type { RaftPart } from "./parts.js";

/**
 * Takes everything behind the last entry of a message out of the log that is on its disk, also where the message is a late
 * one. What it lacks then comes back with its next write.
 */
export class TruncatingServer implements RaftPart {
  readonly #server: RaftPart;
  /** Every entry that it wrote, by index, and where the log on the disk ends. */
  readonly #entries = new Map<number, RaftEntry>();
  #last = 0;

  constructor(server: RaftPart, disk: readonly RaftWrite[]) {
    this.#server = server;
    for (const write of disk) this.#write(write);
  }

  get state() {
    return this.#server.state;
  }

  step(input: Heard): Step {
    const step = this.#server.step(input);
    const writes = step.writes.flatMap((write) => this.#write(write));
    const end = endOf(input);
    const isTaken = step.messages.some(({ message }) => message.type === "appended" && message.matchIndex === end);
    if (end !== null && isTaken && end < this.#last) {
      writes.push({ kind: "entries", from: end + 1, entries: [] });
      this.#last = end;
    }
    return { ...step, writes };
  }

  #write(write: RaftWrite): RaftWrite[] {
    if (write.kind === "snapshot") {
      this.#last = Math.max(this.#last, write.snapshot.lastIndex);
      return [write];
    }
    if (write.kind === "term") return [write];
    const from = Math.min(write.from, this.#last + 1);
    const before: RaftEntry[] = [];
    for (let index = from; index < write.from; index++) before.push(this.#entries.get(index) as RaftEntry);
    const entries = [...before, ...write.entries];
    for (const [place, entry] of entries.entries()) this.#entries.set(from + place, entry);
    this.#last = from + entries.length - 1;
    return [{ kind: "entries", from, entries }];
  }
}

/** The last entry of a message that has some. */
function endOf(input: Heard): number | null {
  if (input.kind !== "message" || input.message.type !== "append-entries") return null;
  const { previousIndex, entries } = input.message;
  return entries.length === 0 ? null : previousIndex + entries.length;
}

type Change = (term: Term, index: number, entry: RaftEntry) => RaftEntry;

/** Changes the entries that it writes as a leader, and sends them so. */
function changing(step: Step, change: Change): Step {
  const all = (term: Term | null, from: number, entries: readonly RaftEntry[]) =>
    entries.map((entry, place) =>
      term === null || entry.term === term ? change(entry.term, from + place, entry) : entry,
    );
  return {
    ...step,
    writes: step.writes.map((write) =>
      write.kind === "entries" ? { ...write, entries: all(null, write.from, write.entries) } : write,
    ),
    messages: step.messages.map((one) => {
      const { message } = one;
      if (message.type !== "append-entries") return one;
      return {
        ...one,
        message: { ...message, entries: all(message.term, message.previousIndex + 1, message.entries) },
      };
    }),
  };
}

/**
 * Does with the first entry of its term what an operator asked anybody for before: it removes a member, though nothing of
 * its term is committed (the flaw of 2015).
 */
export function changingMembersEarly(server: RaftPart): RaftPart {
  const ownFirst = new OwnFirst(server);
  const changed = new Map<string, Configuration>();
  let asked: ChangeMembership | null = null;
  return {
    step: (input) => {
      if (input.kind === "message" && input.message.type === "change-membership") asked = input.message;
      const before = ownFirst.index;
      const step = ownFirst.step(input);
      const { term, voters, nonVoters } = stateOf(server);
      if (ownFirst.index > before && asked && voters.length > 1 && voters.includes(asked.server)) {
        const { server: gone } = asked;
        changed.set(`${ownFirst.index} ${term}`, { voters: voters.filter((voter) => voter !== gone), nonVoters });
      }
      return changing(step, (term, index, entry) => {
        const configuration = changed.get(`${index} ${term}`);
        return configuration ? { ...entry, configuration } : entry;
      });
    },
    get state() {
      return server.state;
    },
  };
}

/** Removes another voter with each change of the members. */
export function changingTwoMembers(server: RaftPart, { name }: RaftOptions): RaftPart {
  const without = (voters: readonly NodeId[]) => {
    const gone = voters.filter((voter) => voter !== name).at(-1);
    return voters.length > 2 ? voters.filter((voter) => voter !== gone) : voters;
  };
  return {
    step: (input) => {
      const step = server.step(input);
      if (stateOf(server).role !== "leader") return step;
      return changing(step, (_, __, entry) => {
        const { configuration } = entry;
        if (!configuration) return entry;
        return { ...entry, configuration: { ...configuration, voters: without(configuration.voters) } };
      });
    },
    get state() {
      return server.state;
    },
  };
}
