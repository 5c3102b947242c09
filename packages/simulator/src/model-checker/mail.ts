import { invariant, type NodeId } from "@synod/consensus";
import { canonicalText } from "../world/canonical.js";
import type { Kinds } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";

/** One message on one link. */
export interface Mail<K extends Kinds = Kinds> {
  readonly id: number;
  readonly from: NodeId;
  /** The place of the receiver among the nodes. */
  readonly to: number;
  readonly message: K["message"];
}

/** The messages on their way: each as often as it was sent and not delivered. */
export interface Flight {
  readonly id: number;
  /** Their numbers, in order. */
  readonly mails: readonly number[];
  /** The different ones, by the place of the receiver. */
  readonly byReceiver: readonly (readonly number[])[];
  /** What it becomes with each list added, and with each message taken away, as far as it was asked for. */
  readonly plus: (Flight | undefined)[];
  readonly minus: (Flight | undefined)[];
}

/**
 * The network of a model. A message that is on its way may arrive at any time, in any order, and never; a message that is
 * never delivered is lost, so that loss, delay and reordering need no steps of their own.
 */
export class Mailbox<K extends Kinds> {
  readonly #places: ReadonlyMap<NodeId, number>;
  readonly #mails: Mail<K>[] = [];
  readonly #mailByText = new Map<string, Mail<K>>();
  readonly #lists: (readonly number[])[] = [];
  readonly #listByText = new Map<string, number>();
  readonly #flightByText = new Map<string, Flight>();
  readonly #flights: Flight[] = [];
  readonly empty: Flight;

  constructor(names: readonly NodeId[]) {
    this.#places = new Map(names.map((name, place) => [name, place]));
    this.empty = this.#flightOf([]);
    this.listOf([]);
  }

  /** How many different messages there are. */
  get count(): number {
    return this.#mails.length;
  }

  mail(id: number): Mail<K> {
    return this.#mails[id] as Mail<K>;
  }

  flight(id: number): Flight {
    return this.#flights[id] as Flight;
  }

  /** The messages that were sent in these events, as the number of a list; 0 for none. */
  listOf(events: readonly WorldEvent<K>[]): number {
    const list = events.flatMap((event) =>
      event.kind === "send" ? this.#post(event.node, event.to, event.message) : [],
    );
    list.sort((one, other) => one - other);
    const text = list.join(" ");
    const known = this.#listByText.get(text);
    if (known !== undefined) return known;
    this.#listByText.set(text, this.#lists.length);
    return this.#lists.push(list) - 1;
  }

  /** The messages of this list set out. */
  plus(flight: Flight, list: number): Flight {
    if (list === 0) return flight;
    const known = flight.plus[list];
    if (known) return known;
    const all = [...flight.mails, ...(this.#lists[list] ?? [])].sort((one, other) => one - other);
    const sum = this.#flightOf(all);
    flight.plus[list] = sum;
    return sum;
  }

  /** One message arrives. */
  minus(flight: Flight, mail: number): Flight {
    const known = flight.minus[mail];
    if (known) return known;
    const at = flight.mails.indexOf(mail);
    const rest = this.#flightOf([...flight.mails.slice(0, at), ...flight.mails.slice(at + 1)]);
    flight.minus[mail] = rest;
    return rest;
  }

  #post(from: NodeId, to: NodeId, message: K["message"]): number {
    const text = `${from}>${to} ${canonicalText(message)}`;
    const known = this.#mailByText.get(text);
    if (known) return known.id;
    const place = this.#places.get(to);
    invariant(place !== undefined, `there is a node ${to}`);
    const mail = { id: this.#mails.length, from, to: place, message };
    this.#mails.push(mail);
    this.#mailByText.set(text, mail);
    return mail.id;
  }

  #flightOf(mails: readonly number[]): Flight {
    const text = mails.join(" ");
    const known = this.#flightByText.get(text);
    if (known) return known;
    const different = [...new Set(mails)];
    const byReceiver = [...this.#places.values()].map((place) => different.filter((id) => this.mail(id).to === place));
    const fresh = { id: this.#flights.length, mails, byReceiver, plus: [], minus: [] };
    this.#flightByText.set(text, fresh);
    this.#flights.push(fresh);
    return fresh;
  }
}
