import { type Acceptance, isMajority, NO_PROPOSAL, type NodeId, type ProposalId } from "@synod/consensus";
import type { PropertyText, Violation, Watch } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { type PaxosKinds, valueIn } from "./paxos-kinds.js";

type Event = WorldEvent<PaxosKinds>;
type Report = (property: Name, sentence: string) => void;
type Name = keyof typeof ALWAYS;

/** What single-decree Paxos never does, whatever network, disks and crashes do (Paxos Made Simple §2). */
const ALWAYS = {
  agreement: "one value is chosen, ever",
  validity: "only a value that a client proposed is accepted",
  "promises-only-rise": "an acceptor that promised an id promises no lower one, also not after a restart",
  "accepts-honour-promises": "an acceptor that promised an id accepts nothing below it",
  "promises-tell-all": "a promise names the highest proposal that the acceptor has accepted, and no other",
  "durable-before-told": "nothing is answered that a crash could undo",
  "one-value-an-id": "no two proposals share an id, also not across a restart",
  "learned-is-chosen": "what a learner learns and what a proposer reports is chosen",
} as const;

export const PAXOS_ALWAYS: readonly PropertyText[] = Object.entries(ALWAYS).map(([name, sentence]) => ({
  name,
  sentence,
}));

/** What one acceptor was seen to do, in all its lives. */
interface AcceptorSeen {
  /** The highest id that it told somebody it had promised. */
  promiseTold: ProposalId | typeof NO_PROPOSAL;
  /** The highest id that its disk promises. */
  promiseStored: ProposalId | typeof NO_PROPOSAL;
  /** The highest-numbered proposal that it told somebody it had accepted. */
  acceptedTold: Acceptance | null;
}

/** One proposal, and who accepted it. */
interface ProposalSeen {
  readonly id: ProposalId;
  readonly value: string;
  /** Those who said so, and those whose disk says so. */
  readonly told: NodeId[];
  readonly stored: NodeId[];
}

interface SafetyState {
  readonly requested: string[];
  readonly acceptors: Record<NodeId, AcceptorSeen>;
  readonly proposals: ProposalSeen[];
  /** The value that each id was sent out with. */
  readonly values: Record<ProposalId, string>;
  /** Who asked for promises under each id, and whether it has restarted since. */
  readonly prepared: Record<ProposalId, { readonly by: NodeId; readonly inEarlierLife: boolean }>;
  readonly chosen: string[];
}

/** Watches a pool from outside: by what its nodes say and what gets to their disks, never by what they think. */
export class PaxosSafety implements Watch<PaxosKinds> {
  readonly state: SafetyState;
  readonly #poolSize: number;

  constructor(acceptors: readonly NodeId[], state?: SafetyState) {
    this.#poolSize = acceptors.length;
    this.state = state ?? {
      requested: [],
      acceptors: Object.fromEntries(
        acceptors.map((name) => [name, { promiseTold: NO_PROPOSAL, promiseStored: NO_PROPOSAL, acceptedTold: null }]),
      ),
      proposals: [],
      values: {},
      prepared: {},
      chosen: [],
    };
  }

  observe(event: Event, tell: (violation: Violation) => void): void {
    const report: Report = (property, sentence) => tell({ property, sentence });
    switch (event.kind) {
      case "request":
        this.state.requested.push(valueIn(event.command));
        this.state.requested.sort();
        return;
      case "restart":
        this.#restarted(event.node);
        return;
      case "store":
        for (const write of event.writes) this.#stored(event.node, write, report);
        return;
      case "send":
        this.#sent(event.node, event.message, report);
        return;
      case "apply":
        this.#learned(event.node, valueIn(event.command), report);
        return;
      case "reply":
        if (event.reply.chosen) this.#learned(event.node, event.reply.chosen.acceptedValue, report);
        return;
    }
  }

  #stored(node: NodeId, write: PaxosKinds["write"], report: Report): void {
    const acceptor = this.state.acceptors[node];
    if (!acceptor || write.kind === "truncated") return;
    acceptor.promiseStored = Math.max(acceptor.promiseStored, write.id);
    if (write.kind === "accepted") this.#count(write.id, write.value, "stored", node, report);
  }

  #sent(node: NodeId, message: PaxosKinds["message"], report: Report): void {
    switch (message.type) {
      case "prepare":
        this.#prepared(node, message.id, report);
        return;
      case "accept":
        this.#proposed(node, message.id, message.value, report);
        return;
      case "promise":
        this.#promised(node, message.id, message.accepted, report);
        return;
      case "accepted":
        this.#accepted(node, message.id, message.value, report);
        return;
      case "prepare-ignored":
      case "accept-ignored":
        this.#mustHaveStored(node, message.promisedId, report);
        return;
    }
  }

  #prepared(node: NodeId, id: ProposalId, report: Report): void {
    const earlier = this.state.prepared[id];
    this.state.prepared[id] = { by: node, inEarlierLife: false };
    if (earlier === undefined || (earlier.by === node && !earlier.inEarlierLife)) return;
    const when = earlier.by === node ? "it had done before it restarted" : `${earlier.by} had done`;
    report("one-value-an-id", `${node} asked for promises under id ${id}, as ${when}`);
  }

  /** What a node asked for before is what an earlier life of it asked for. */
  #restarted(node: NodeId): void {
    const { prepared } = this.state;
    for (const [id, { by }] of Object.entries(prepared)) {
      if (by === node) prepared[Number(id)] = { by, inEarlierLife: true };
    }
  }

  #proposed(node: NodeId, id: ProposalId, value: string, report: Report): void {
    const earlier = this.state.values[id];
    if (earlier !== undefined && earlier !== value) {
      report("one-value-an-id", `${node} sent "${value}" out under id ${id}, which had gone out with "${earlier}"`);
    }
    this.state.values[id] = value;
  }

  #promised(node: NodeId, id: ProposalId, accepted: Acceptance | null, report: Report): void {
    const acceptor = this.state.acceptors[node];
    if (!acceptor) return;
    const { promiseTold, acceptedTold } = acceptor;
    if (id <= promiseTold) report("promises-only-rise", `${node} promised ${id} after it had promised ${promiseTold}`);
    if (acceptedTold && (accepted === null || accepted.acceptedId < acceptedTold.acceptedId)) {
      const names = accepted ? `only "${accepted.acceptedValue}" under ${accepted.acceptedId}` : "nothing";
      const has = `"${acceptedTold.acceptedValue}" under ${acceptedTold.acceptedId}`;
      report("promises-tell-all", `${node} named ${names} with its promise of ${id}, and had accepted ${has}`);
    }
    if (accepted && !this.#hasAccepted(node, accepted)) {
      const named = `"${accepted.acceptedValue}" under ${accepted.acceptedId}`;
      report("promises-tell-all", `${node} named ${named} with its promise of ${id}, and had not accepted it`);
    }
    acceptor.promiseTold = Math.max(promiseTold, id);
    this.#mustHaveStored(node, id, report);
  }

  #accepted(node: NodeId, id: ProposalId, value: string, report: Report): void {
    const acceptor = this.state.acceptors[node];
    if (!acceptor) return;
    if (id < acceptor.promiseTold) {
      const promised = `it had promised ${acceptor.promiseTold}`;
      report("accepts-honour-promises", `${node} accepted "${value}" under ${id} although ${promised}`);
    }
    const isHighest = id >= (acceptor.acceptedTold?.acceptedId ?? NO_PROPOSAL);
    if (isHighest) acceptor.acceptedTold = { acceptedId: id, acceptedValue: value };
    const proposal = this.#count(id, value, "told", node, report);
    if (!proposal.stored.includes(node)) {
      const lacks = "and its disk does not say so";
      report("durable-before-told", `${node} answered that it accepted "${value}" under ${id}, ${lacks}`);
    }
  }

  #hasAccepted(node: NodeId, { acceptedId, acceptedValue }: Acceptance): boolean {
    const proposal = this.state.proposals.find(({ id, value }) => id === acceptedId && value === acceptedValue);
    return proposal !== undefined && (proposal.told.includes(node) || proposal.stored.includes(node));
  }

  #mustHaveStored(node: NodeId, promisedId: ProposalId, report: Report): void {
    const stored = this.state.acceptors[node]?.promiseStored ?? NO_PROPOSAL;
    if (promisedId <= stored) return;
    const has = stored === NO_PROPOSAL ? "no promise" : `${stored} only`;
    report("durable-before-told", `${node} answered that it promised ${promisedId}, and its disk holds ${has}`);
  }

  /** Counts an acceptor for a proposal, once however often it comes up; a majority makes the value chosen. */
  #count(id: ProposalId, value: string, how: "told" | "stored", node: NodeId, report: Report): ProposalSeen {
    const { proposals, requested, chosen } = this.state;
    if (!requested.includes(value)) report("validity", `${node} accepted "${value}", which nobody proposed`);
    const proposal = this.#proposal(id, value);
    const who = proposal[how];
    if (who.includes(node)) return proposal;
    who.push(node);
    who.sort();
    if (chosen.includes(value) || !isMajority([...proposal.told, ...proposal.stored], this.#poolSize)) return proposal;
    const [first] = chosen;
    chosen.push(value);
    if (first !== undefined) report("agreement", inWords(first, proposals) + inWords(value, proposals, "; then "));
    return proposal;
  }

  #proposal(id: ProposalId, value: string): ProposalSeen {
    const { proposals } = this.state;
    const place = proposals.findIndex((one) => one.id > id || (one.id === id && one.value >= value));
    const found = proposals[place];
    if (found && found.id === id && found.value === value) return found;
    const fresh: ProposalSeen = { id, value, told: [], stored: [] };
    proposals.splice(place < 0 ? proposals.length : place, 0, fresh);
    return fresh;
  }

  #learned(node: NodeId, value: string, report: Report): void {
    const { chosen } = this.state;
    if (chosen.includes(value)) return;
    const instead = chosen.length === 0 ? "nothing is" : `"${chosen[0]}" is`;
    report("learned-is-chosen", `${node} took "${value}" for chosen, and ${instead}`);
  }
}

function inWords(value: string, proposals: readonly ProposalSeen[], before = ""): string {
  const most = proposals
    .filter((one) => one.value === value)
    .reduce((best, one) => (votersOf(one).length > votersOf(best).length ? one : best));
  return `${before}${before ? "" : "first "}"${value}" was chosen, accepted under ${most.id} by ${votersOf(most).join(", ")}`;
}

function votersOf({ told, stored }: ProposalSeen): NodeId[] {
  return [...new Set([...told, ...stored])].sort();
}
