import { invariant, type NodeId } from "@synod/consensus";
import { canonicalText } from "../world/canonical.js";
import type { Kinds } from "../world/system.js";
import type { WorldEvent } from "../world/world-event.js";
import { StateTable } from "./state-table.js";

/** Messages are numbered with 16 bits, so that a flight is a short text. */
const MOST_MAILS = 65_536;

/** One message on one link. */
export interface Mail<K extends Kinds = Kinds> {
  readonly id: number;
  readonly from: NodeId;
  /** The place of the receiver among the nodes. */
  readonly to: number;
  readonly message: K["message"];
}

/** The messages on their way: their numbers in order, each as often as it was sent and not delivered. */
export type Flight = readonly number[];

/** What is done to a flight: a list of messages sets out, or one message arrives. */
class FlightSteps {
  readonly #table = new StateTable(2, 3);
  readonly #row = new Int32Array(3);

  /** The number of the flight after this; it is worked out only once. */
  follow(flight: number, what: number, work: () => number): number {
    this.#row[0] = flight;
    this.#row[1] = what;
    const known = this.#table.find(this.#row);
    if (known >= 0) return this.#table.at(known, 2);
    const after = work();
    this.#row[0] = flight;
    this.#row[1] = what;
    this.#row[2] = after;
    this.#table.add(this.#row);
    return after;
  }
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
  readonly #flightByText = new Map<string, number>();
  readonly #flights: Flight[] = [];
  readonly #departures = new FlightSteps();
  readonly #arrivals = new FlightSteps();
  /** The number of the flight in which nothing is. */
  readonly empty: number;

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

  /** The messages of this list set out. Flights are told by their numbers. */
  plus(flight: number, list: number): number {
    if (list === 0) return flight;
    return this.#departures.follow(flight, list, () =>
      this.#flightOf([...this.flight(flight), ...(this.#lists[list] ?? [])].sort((one, other) => one - other)),
    );
  }

  /** One message arrives. */
  minus(flight: number, mail: number): number {
    return this.#arrivals.follow(flight, mail, () => {
      const mails = this.flight(flight);
      const at = mails.indexOf(mail);
      return this.#flightOf([...mails.slice(0, at), ...mails.slice(at + 1)]);
    });
  }

  #post(from: NodeId, to: NodeId, message: K["message"]): number {
    const text = `${from}>${to} ${canonicalText(message)}`;
    const known = this.#mailByText.get(text);
    if (known) return known.id;
    const place = this.#places.get(to);
    invariant(place !== undefined, `there is a node ${to}`);
    const mail = { id: this.#mails.length, from, to: place, message };
    invariant(mail.id < MOST_MAILS, `a model has at most ${MOST_MAILS} different messages`);
    this.#mails.push(mail);
    this.#mailByText.set(text, mail);
    return mail.id;
  }

  #flightOf(mails: Flight): number {
    const text = String.fromCharCode(...mails);
    const known = this.#flightByText.get(text);
    if (known !== undefined) return known;
    this.#flightByText.set(text, this.#flights.length);
    return this.#flights.push(mails) - 1;
  }
}
