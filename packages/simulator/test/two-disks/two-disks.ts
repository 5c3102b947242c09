import { type Input, type Participant, type Ready, ready } from "@synod/consensus";
import type {
  Kinds,
  MutationText,
  Occurrences,
  PropertyText,
  Protocol,
  Request,
  System,
  Violation,
  Watch,
  WorldEvent,
} from "../../src/index.ts";

/**
 * A small protocol, and all that it takes to prove it: docs/testing.md shows this file in pieces. A client asks `main` to
 * keep a text; `main` writes it, has `spare` write a copy, and only then tells the client. So a disk may burn. It is no
 * consensus: `spare` never takes over.
 */
interface TwoDisks extends Kinds {
  readonly message: ({ readonly type: "copy" } & Text) | { readonly type: "copied"; readonly version: number };
  readonly write: Text;
  readonly command: string;
  readonly reply: Text;
}

interface Text {
  readonly version: number;
  readonly text: string;
}

type Told = Input<TwoDisks["message"], string>;
type Step = Ready<TwoDisks["message"], Text, string, Text>;
type Part = Participant<TwoDisks["message"], Text, string, Text> & { readonly state: { readonly latest: Text | null } };

const AGAIN = "again";
const AGAIN_AFTER_MS = 30;

/** Keeps one text after the other, each in two places before the next. */
class Main implements Part {
  readonly state = {
    latest: null as Text | null,
    isCopied: true,
    sent: 0,
    client: null as string | null,
    queue: [] as { readonly requestId: string; readonly text: string }[],
  };
  readonly #attempts: number;

  constructor(disk: readonly Text[], attempts: number) {
    this.#attempts = attempts;
    this.state.latest = disk.at(-1) ?? null;
    // It does not know what `spare` has, and so copies it once more.
    this.state.isCopied = this.state.latest === null;
  }

  step(input: Told): Step {
    switch (input.kind) {
      case "propose":
        this.state.queue.push({ requestId: input.requestId, text: input.command });
        return this.state.isCopied ? this.#next() : ready({});
      case "timeout":
        return this.#copy();
      case "message":
        return input.message.type === "copied" ? this.#copied(input.message.version) : ready({});
      case "durable":
        // It asks for no mark.
        return ready({});
    }
  }

  #next(): Step {
    const { state } = this;
    const asked = state.queue.shift();
    if (!asked) return ready({ timers: [{ timer: AGAIN, afterMs: null }] });
    const latest = { version: (state.latest?.version ?? 0) + 1, text: asked.text };
    Object.assign(state, { latest, isCopied: false, sent: 0, client: asked.requestId });
    return { ...this.#copy(), writes: [latest] };
  }

  #copy(): Step {
    const { latest, isCopied, sent } = this.state;
    if (latest === null || isCopied || sent === this.#attempts) return ready({});
    this.state.sent++;
    return ready({
      messages: [{ to: "spare", message: { type: "copy", ...latest } }],
      timers: [{ timer: AGAIN, afterMs: AGAIN_AFTER_MS }],
    });
  }

  #copied(version: number): Step {
    const { latest, isCopied, client } = this.state;
    // The answer to a copy that was sent twice comes twice; the second one may be late.
    if (latest === null || isCopied || version !== latest.version) return ready({});
    Object.assign(this.state, { isCopied: true, client: null });
    return { ...this.#next(), replies: client === null ? [] : [{ requestId: client, reply: latest }] };
  }
}

/** Writes what it is sent, and says so, as often as it is asked. */
class Spare implements Part {
  readonly state: { latest: Text | null };

  constructor(disk: readonly Text[]) {
    this.state = { latest: disk.at(-1) ?? null };
  }

  step(input: Told): Step {
    if (input.kind !== "message" || input.message.type !== "copy") return ready({});
    const { version, text } = input.message;
    const isNew = version > (this.state.latest?.version ?? 0);
    if (isNew) this.state.latest = { version, text };
    return ready({
      writes: isNew ? [{ version, text }] : [],
      messages: [{ to: "main", message: { type: "copied", version } }],
    });
  }
}

const ALWAYS: readonly PropertyText[] = [
  { name: "told-is-kept", sentence: "what a client is told is on both disks" },
  { name: "one-text-a-version", sentence: "no version has one text on one disk and another on the other" },
];

/** Knows what got to the disks and what was told, and nothing of what nodes think. */
class TwoDisksWatch implements Watch<TwoDisks> {
  readonly state: { readonly disks: Record<string, Text> };

  constructor(state?: TwoDisksWatch["state"]) {
    this.state = state ?? { disks: {} };
  }

  observe(event: WorldEvent<TwoDisks>, report: (violation: Violation) => void): void {
    const { disks } = this.state;
    if (event.kind === "store") {
      for (const write of event.writes) disks[event.node] = write;
      const { main, spare } = disks;
      if (main?.version !== spare?.version || main?.text === spare?.text) return;
      const sentence = `version ${main?.version} is "${main?.text}" for main and "${spare?.text}" for spare`;
      report({ property: "one-text-a-version", sentence });
    }
    if (event.kind === "reply") {
      const { version, text } = event.reply;
      const lacking = ["main", "spare"].filter((node) => (disks[node]?.version ?? 0) < version);
      if (lacking.length === 0) return;
      const sentence = `a client was told that "${text}" is kept, and the disk of ${lacking.join(", ")} does not have it`;
      report({ property: "told-is-kept", sentence });
    }
  }
}

const SOMETIMES: readonly PropertyText[] = [
  { name: "texts-kept", sentence: "a client was told that its text is kept" },
  { name: "copied-twice", sentence: "an answer of spare came that main had no more use for" },
  { name: "restarts-with-text", sentence: "main restarted with something on its disk" },
];

class TwoDisksOccurrences implements Occurrences<TwoDisks> {
  readonly counts = { "texts-kept": 0, "copied-twice": 0, "restarts-with-text": 0 };
  readonly longestUs: Record<string, number> = {};
  readonly #calmUs: number;
  readonly #askedAtUs = new Map<string, number>();
  readonly #answered = new Set<number>();
  #stored = false;
  settled = false;

  constructor(calmUs: number) {
    this.#calmUs = calmUs;
  }

  observe(event: WorldEvent<TwoDisks>, nowUs: number): void {
    if (event.kind === "request") this.#askedAtUs.set(event.requestId, nowUs);
    if (event.kind === "store" && event.node === "main") this.#stored = true;
    if (event.kind === "restart" && event.node === "main" && this.#stored) this.counts["restarts-with-text"]++;
    if (event.kind === "deliver" && event.message.type === "copied") {
      if (this.#answered.has(event.message.version)) this.counts["copied-twice"]++;
      this.#answered.add(event.message.version);
    }
    if (event.kind !== "reply") return;
    const askedAtUs = this.#askedAtUs.get(event.requestId) ?? 0;
    this.counts["texts-kept"]++;
    this.longestUs["to an answer"] = Math.max(this.longestUs["to an answer"] ?? 0, nowUs - askedAtUs);
    if (askedAtUs >= this.#calmUs) this.settled = true;
  }
}

const LIVENESS: NonNullable<System["liveness"]> = {
  name: "client-is-told",
  sentence: "a client that asks when the faults are over is told within 5 s",
  withinUs: 5_000_000,
};
/** Main that gave a copy up while faults lasted asks for no other. */
const ENOUGH_ATTEMPTS = 100;

const TEXTS = ["tea", "coffee", "milk", "cocoa", "juice"];

/** How each node starts with what its disk holds. A mutation puts something flawed in the place of one of them. */
interface Parts {
  main(disk: readonly Text[]): Part;
  spare(disk: readonly Text[]): Part;
}

function twoDisks(attempts: number, plant: (parts: Parts) => Parts = (parts) => parts): System<TwoDisks> {
  const { main, spare } = plant({ main: (disk) => new Main(disk, attempts), spare: (disk) => new Spare(disk) });
  return {
    nodes: [
      { name: "main", role: "keeper", start: main, firstInput: { kind: "timeout", timer: AGAIN } },
      { name: "spare", role: "keeper", start: spare },
    ],
    requests: (random, calmUs) =>
      TEXTS.map((text, place): Request<TwoDisks> => {
        // One of them when all is well again: liveness is about that one.
        const atUs = place === TEXTS.length - 1 ? calmUs + 1_000 : random.below(Math.max(1, calmUs));
        return { atUs, node: "main", requestId: text, command: text };
      }),
    always: ALWAYS,
    watch: (state) => new TwoDisksWatch(state as TwoDisksWatch["state"] | undefined),
    sometimes: SOMETIMES,
    occurrences: (calmUs) => new TwoDisksOccurrences(calmUs),
    liveness: attempts >= ENOUGH_ATTEMPTS ? LIVENESS : null,
    messageInWords: (message) =>
      message.type === "copy" ? `copy version ${message.version}, "${message.text}"` : `copied ${message.version}`,
    writeInWords: ({ version, text }) => `version ${version}, "${text}"`,
    commandInWords: (text) => `keep "${text}"`,
    replyInWords: ({ text }) => `"${text}" is kept`,
  };
}

/** A part whose inputs or outputs are changed on their way; the part itself is the real one. */
function wrapped(part: Part, change: { input?(told: Told): Told; output?(step: Step): Step }): Part {
  const { input = (told) => told, output = (step) => step } = change;
  return {
    step: (told) => output(part.step(input(told))),
    get state() {
      return part.state;
    },
  };
}

const MUTATIONS: readonly (MutationText & { plant(parts: Parts): Parts })[] = [
  {
    name: "takes-any-answer",
    sentence: "Main takes every answer for one to the copy that it sent last.",
    plant: (parts) => ({
      ...parts,
      main: (disk) => {
        const main = parts.main(disk);
        const version = () => main.state.latest?.version ?? 0;
        const input = (told: Told): Told =>
          told.kind === "message" ? { ...told, message: { type: "copied", version: version() } } : told;
        return wrapped(main, { input });
      },
    }),
  },
  {
    name: "copies-before-write",
    sentence: "Main sends the copy while its own disk still writes.",
    plant: (parts) => ({
      ...parts,
      main: (disk) =>
        wrapped(parts.main(disk), {
          output: (step) => ({
            ...step,
            messages: step.messages.map((message) => ({ ...message, beforeWrites: true })),
          }),
        }),
    }),
  },
  {
    name: "copies-once",
    sentence: "Main sends each copy once, and waits for ever if it is lost.",
    plant: (parts) => ({
      ...parts,
      main: (disk) => wrapped(parts.main(disk), { output: (step) => ({ ...step, timers: [] }) }),
    }),
  },
];

export const TWO_DISKS: Protocol = {
  name: "two-disks",
  summary: "a text is kept on two disks before its client is told",
  settings: {
    attempts: { sentence: "how often a copy is sent before main gives up", default: 1000, least: 1, most: 10_000 },
  },
  mutations: MUTATIONS,
  modelSettings: () => ({ attempts: 2 }),
  system: ({ attempts = 1000 }, mutation) => twoDisks(attempts, MUTATIONS.find(({ name }) => name === mutation)?.plant),
};
