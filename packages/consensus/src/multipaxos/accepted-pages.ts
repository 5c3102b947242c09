import type { NodeId } from "../core/participant.js";
import { isMajority } from "../core/quorum.js";
import type { Slot } from "../log/messages.js";
import type { LogAcceptance, LogPage, LogReply } from "../paxos/messages.js";
import type { Log } from "./log.js";
import type { Learn } from "./messages.js";

/**
 * Finds out what is chosen from what acceptors have accepted, as in Paxos Made Simple §2.3: a value that an acceptor
 * knows to be decided, or one proposal (one id with one value) that a majority has accepted. Equal values under different
 * ids do not add up.
 */
export class AcceptedPages {
  readonly from: Slot;
  readonly #poolSize: number;
  readonly #pages = new Map<NodeId, ReadonlyMap<Slot, LogAcceptance>>();

  /** @param from the slot that all pages begin with */
  constructor(from: Slot, poolSize: number) {
    this.from = from;
    this.#poolSize = poolSize;
  }

  /** Takes one acceptor's page. */
  add(acceptor: NodeId, { page }: LogReply): void {
    this.#pages.set(acceptor, new Map(page.entries.map((entry) => [entry.instance, entry])));
  }

  /** The value that is chosen in this slot, as far as these pages tell; null if they do not. */
  chosenIn(slot: Slot): string | null {
    const voters = new Map<string, { readonly value: string; readonly acceptors: NodeId[] }>();
    for (const [acceptor, page] of this.#pages) {
      const entry = page.get(slot);
      if (entry === undefined) continue;
      if (entry.decided) return entry.acceptedValue;
      const proposal = `${entry.acceptedId} ${entry.acceptedValue}`;
      const known = voters.get(proposal) ?? { value: entry.acceptedValue, acceptors: [] };
      known.acceptors.push(acceptor);
      voters.set(proposal, known);
      if (isMajority(known.acceptors, this.#poolSize)) return entry.acceptedValue;
    }
    return null;
  }
}

/**
 * The values that a leader means whose message says where they are: what this acceptor has accepted there under the
 * leader's id, without a gap. What is accepted under another id may be another value than the one that was chosen.
 *
 * @param applied what is applied here already, from elsewhere: the leader wants to know of these, too, what came of them
 */
export function valuesMeant(
  { id, from, atAcceptor = 0, decidedThrough }: Learn,
  { entries }: LogPage,
  applied: Log,
): string[] {
  const values: string[] = [];
  const through = Math.min(decidedThrough, from + atAcceptor - 1);
  let place = 0;
  for (let slot = from; slot <= through; slot++) {
    while (place < entries.length && (entries[place]?.instance ?? slot) < slot) place++;
    const entry = entries[place];
    const isMeant = entry?.instance === slot && entry.acceptedId === id;
    const value = isMeant ? entry.acceptedValue : applied.at(slot);
    if (value === undefined) break;
    values.push(value);
  }
  return values;
}
