import { type Chance, type Input, invariant, type NodeId, type Participant, type Ready, ready } from "@synod/consensus";
import {
  type Fault,
  parseFaults,
  type Request,
  Simulation,
  type System,
  type Violation,
  type WorldEvent,
} from "../src/index.ts";

/** What a node is told to do in one step, as plain data. */
export interface Order {
  readonly writes?: readonly string[];
  readonly send?: readonly { readonly to: NodeId; readonly letter: Letter; readonly beforeWrites?: true }[];
  /** What to reply to the request that brought the order. */
  readonly reply?: string;
  /** Replies with what it knew from the disk when it started, what it wrote since, and a number that it draws. */
  readonly recall?: true;
  readonly timers?: readonly { readonly timer: string; readonly afterMs: number | null; readonly order?: Order }[];
  readonly decide?: readonly { readonly slot: number; readonly command: Order }[];
  readonly fail?: "own rule" | "type";
}

/** A message, and what its receiver shall do. */
interface Letter {
  readonly text: string;
  readonly order?: Order;
}

/** A protocol that is no consensus at all, so that what is shown with it is true of the world and of no protocol. */
export interface ObedientKinds {
  readonly message: Letter;
  readonly write: string;
  readonly command: Order;
  readonly reply: string;
}

export type Happening = WorldEvent<ObedientKinds> & { readonly atUs: number };

/** Does what it is told, and knows nothing but what it wrote. */
class Obedient implements Participant<Letter, string, Order, string> {
  readonly state: { readonly known: string[]; readonly timers: Record<string, Order> };
  readonly #chance: Chance;

  constructor(disk: readonly string[], chance: Chance) {
    this.state = { known: [...disk], timers: {} };
    this.#chance = chance;
  }

  step(input: Input<Letter, Order>): Ready<Letter, string, Order, string> {
    if (input.kind === "propose") return this.#obey(input.command, input.requestId);
    if (input.kind === "timeout") return this.#obey(this.state.timers[input.timer] ?? {}, input.timer);
    if (input.kind === "durable") return this.#obey({}, "");
    return this.#obey(input.message.order ?? {}, input.message.text);
  }

  #obey(order: Order, requestId: string): Ready<Letter, string, Order, string> {
    const { writes = [], send = [], timers = [], decide = [] } = order;
    if (order.fail === "type") throw new TypeError("no such thing");
    invariant(order.fail !== "own rule", "my own rule");
    this.state.known.push(...writes);
    for (const one of timers) this.state.timers[one.timer] = one.order ?? {};
    const recalled = [...this.state.known, `drew ${this.#chance.below(1_000_000)}`].join(" ");
    const replies = [...(order.recall ? [recalled] : []), ...(order.reply ? [order.reply] : [])];
    return ready({
      writes,
      messages: send.map(({ letter, ...rest }) => ({ ...rest, message: letter })),
      timers: timers.map(({ timer, afterMs }) => ({ timer, afterMs })),
      replies: replies.map((reply) => ({ requestId, reply })),
      decided: decide,
    });
  }
}

export interface ObedientOptions {
  readonly nodes?: readonly NodeId[];
  /** What each node does at each of its starts. */
  readonly first?: Readonly<Record<NodeId, Order>>;
  readonly requests?: readonly Request<ObedientKinds>[];
  /** How long after the last fault it must have settled. */
  readonly withinUs?: number;
}

/**
 * Nodes that do what they are told, as a system like any other: the simulator needs no change for it. The letter "curse"
 * breaks a property, "greeting" ought to be delivered now and then, and with "settled" the system has settled.
 */
export function obedientSystem(options: ObedientOptions = {}): System<ObedientKinds> {
  const { nodes = ["n1", "n2", "n3"], first = {}, requests = [], withinUs = 1_000_000 } = options;
  return {
    nodes: nodes.map((name) => ({
      name,
      role: "servant",
      start: (disk, chance) => new Obedient(disk, chance),
      ...(first[name] && { firstInput: { kind: "propose", requestId: "first", command: first[name] } }),
    })),
    requests: () => requests,
    always: [{ name: "no-curse", sentence: "nobody curses" }],
    watch: (state) => {
      const cursed = (state as string[] | undefined) ?? [];
      return {
        state: cursed,
        observe: (event, report: (violation: Violation) => void) => {
          if (event.kind !== "send" || event.message.text !== "curse") return;
          cursed.push(event.node);
          report({ property: "no-curse", sentence: `${event.node} cursed` });
        },
      };
    },
    sometimes: [{ name: "greetings", sentence: "somebody was greeted" }],
    occurrences: () => {
      const counts = { greetings: 0 };
      const longestUs: Record<string, number> = {};
      let settled = false;
      return {
        counts,
        longestUs,
        get settled() {
          return settled;
        },
        observe: (event, nowUs) => {
          if (event.kind !== "deliver") return;
          if (event.message.text === "greeting") counts.greetings++;
          if (event.message.text === "settled") settled = true;
          longestUs["to the last delivery"] = nowUs;
        },
      };
    },
    liveness: { name: "settles", sentence: "somebody hears that all is settled", withinUs },
    messageInWords: ({ text }) => text,
    writeInWords: (write) => write,
    commandInWords: () => "do this",
    replyInWords: (reply) => reply,
  };
}

let asked = 0;

/** What a client tells a node to do at a time. */
export function tell(atMs: number, node: NodeId, command: Order, requestId = `r${asked++}`): Request<ObedientKinds> {
  return { atUs: Math.round(atMs * 1000), node, requestId, command };
}

/** An order to send one letter. */
export function letter(to: NodeId, text: string, order: Order = {}): Order {
  return { send: [{ to, letter: { text, order } }] };
}

/** So many letters over a link, one each millisecond, in the middle of it. */
export function letters(from: NodeId, to: NodeId, count: number): Request<ObedientKinds>[] {
  return Array.from({ length: count }, (_, place) => tell(place + 0.5, from, letter(to, `${from}>${to} ${place}`)));
}

/** Everything that happens when nodes are told this, under these faults. */
export function happenings(
  requests: readonly Request<ObedientKinds>[],
  faults: string | readonly Fault[] = "",
  { seed = 1, ...options }: ObedientOptions & { readonly seed?: number } = {},
): Happening[] {
  const seen: Happening[] = [];
  const plan = typeof faults === "string" ? parseFaults(faults) : faults;
  const simulation = new Simulation(obedientSystem(options), seed, plan, (event, atUs) => {
    seen.push({ ...event, atUs });
  });
  simulation.plan(requests);
  simulation.run(3_600_000_000, () => false);
  return seen;
}

/** One letter's way. */
export interface Way {
  readonly text: string;
  readonly link: string;
  readonly sentUs: number;
  /** When its copies arrived. */
  readonly arrivedUs: readonly number[];
  readonly lost: readonly { readonly why: string; readonly atUs: number }[];
}

/** What became of each letter, in the order in which they were sent. */
export function waysIn(seen: readonly Happening[]): Way[] {
  const ways = new Map<string, { arrivedUs: number[]; lost: Way["lost"][number][]; link: string; sentUs: number }>();
  for (const one of seen) {
    if (one.kind === "send") {
      const link = `${one.node}>${one.to}`;
      ways.set(one.message.text, { link, sentUs: one.atUs, arrivedUs: [], lost: [] });
    } else if (one.kind === "deliver") ways.get(one.message.text)?.arrivedUs.push(one.atUs);
    else if (one.kind === "lose") ways.get(one.message.text)?.lost.push({ why: one.why, atUs: one.atUs });
  }
  return [...ways].map(([text, way]) => ({ text, ...way }));
}

/** In words what a node did and what was done to it, without times; one kind of event or several. */
export function story(seen: readonly Happening[], ...kinds: readonly Happening["kind"][]): string[] {
  return seen.filter(({ kind }) => kinds.includes(kind)).map(inWords);
}

function inWords(one: Happening): string {
  switch (one.kind) {
    case "deliver":
    case "lose":
      return `${one.node} ${one.kind} ${one.message.text}${one.kind === "lose" ? `: ${one.why}` : ""}`;
    case "send":
      return `${one.node} send ${one.message.text}`;
    case "store":
      return `${one.node} store ${one.writes.join(" ")}`;
    case "timeout":
      return `${one.node} timeout ${one.timer}`;
    case "reply":
      return `${one.node} reply ${one.reply.replace(/ ?drew \d+$/, "")}`;
    case "crash":
      return `${one.node} crash ${one.tail}`;
    case "break":
      return `${one.node} break ${one.error}`;
    case "fault":
    case "fault-ends":
      return `${one.kind} ${one.fault.kind}`;
    default:
      return `${one.node} ${one.kind}`;
  }
}

/** A millisecond, in the time of the simulation. */
export const MS = 1000;
/** The order at the beginning of many tests. */
export const WRITE_1 = tell(0, "n1", { writes: ["w1"] });
export const recall = (atMs: number) => tell(atMs, "n1", { recall: true });

/** What n1 says that it knows, at each recall. */
export function recalled(seen: readonly Happening[]): string[] {
  return story(seen, "reply").map((line) => line.replace("n1 reply", "").trim());
}

export function timesOf(seen: readonly Happening[], kind: Happening["kind"], node = "n1"): number[] {
  return seen.flatMap((one) => (one.kind === kind && "node" in one && one.node === node ? [one.atUs] : []));
}
