import { randomUUID } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { jsonIn } from "../http-exchange.js";
import { endOf, inTime } from "../terminal/end-of.js";
import type { MachineId } from "./meeting.js";
import { otherMachine } from "./meeting-words.js";
import { meetingPort } from "./ports.js";
import { type Purpose, seal, unsealed } from "./sealed.js";

/**
 * How two machines on one network find each other: one calls to all, and the other one, which proves that it knows the
 * secret by sealing what the caller drew, answers. An answer that was recorded before seals something else. What is heard
 * is an address and no more: the meeting itself proves everything anew.
 */

/** How often it is called, and how much longer it is waited for other answers after the first, in milliseconds. */
const CALL_EVERY_MS = 500;
const SECOND_THOUGHT_MS = 300;

/** What a program needs to find, or to be found. */
export interface FinderOptions {
  readonly machine: MachineId;
  readonly portOffset: number;
  readonly secret: string;
}

/** A call, or its answer. */
interface Word {
  readonly machine: MachineId;
  readonly drawn: string;
}

/** Lets this machine be found, from now on, until it is closed. */
export class Finder {
  readonly #options: FinderOptions;
  readonly #socket: Socket;
  readonly #drawn = randomUUID();
  readonly #found = new Set<string>();

  /** @returns null if another program has the port: then nobody finds this one, and it finds nobody */
  static async open(options: FinderOptions): Promise<Finder | null> {
    const socket = createSocket("udp4");
    socket.bind(meetingPort(options.machine, options.portOffset));
    try {
      await once(socket, "listening");
    } catch {
      // Only finding is given up: an address that is given does without.
      return null;
    }
    socket.setBroadcast(true);
    return new Finder(options, socket);
  }

  private constructor(options: FinderOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    // What could not be sent is sent again, and what comes wrong is none of ours.
    socket.on("error", () => {});
    socket.on("message", (packet, from) => this.#hear(packet, from));
  }

  /**
   * Calls until the other machine answers.
   *
   * @param targets where to call, asked each time: a network may come up meanwhile
   * @returns where it is: one address, several if several answer to the same secret, none if nobody did in time
   */
  async search(targets: () => readonly string[], withinMs: number, interrupted: AbortSignal): Promise<string[]> {
    const { machine, portOffset } = this.#options;
    const port = meetingPort(otherMachine(machine), portOffset);
    const call = () => {
      for (const target of targets()) this.#send({ machine, drawn: this.#drawn }, "seek", target, port);
    };
    call();
    const calling = setInterval(call, CALL_EVERY_MS);
    try {
      await inTime([interrupted], withinMs, async (end) => {
        while (this.#found.size === 0 && !end.aborted) {
          await once(this.#socket, "message", { signal: end }).catch(() => {});
        }
      });
      interrupted.throwIfAborted();
      if (this.#found.size > 0) await once(endOf([interrupted], SECOND_THOUGHT_MS), "abort");
      return [...this.#found];
    } finally {
      clearInterval(calling);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #hear(packet: Buffer, from: RemoteInfo): void {
    const { machine } = this.#options;
    const seek = this.#wordIn(packet, "seek");
    if (seek && seek.machine === otherMachine(machine)) {
      this.#send({ machine, drawn: seek.drawn }, "found", from.address, from.port);
    }
    const answer = this.#wordIn(packet, "found");
    if (answer && answer.machine === otherMachine(machine) && answer.drawn === this.#drawn) {
      this.#found.add(from.address);
    }
  }

  #send(word: Word, purpose: Purpose, host: string, port: number): void {
    const packet = JSON.stringify(seal(JSON.stringify(word), purpose, this.#options.secret));
    // A network that is down for the moment may be up the next time.
    this.#socket.send(packet, port, host, () => {});
  }

  #wordIn(packet: Buffer, purpose: Purpose): Word | null {
    const said = jsonIn(
      unsealed(jsonIn(packet.toString("utf8")), purpose, this.#options.secret) ?? "",
    ) as Partial<Word>;
    const isWord = (said?.machine === 1 || said?.machine === 2) && typeof said.drawn === "string";
    return isWord ? (said as Word) : null;
  }
}

/** The addresses that mean all machines of the networks that this machine is in. */
export function networksHere(): string[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address, netmask }) => lastOf(address, netmask));
}

/** The last address of a network, to which all its machines listen (RFC 919). */
export function lastOf(address: string, netmask: string): string {
  const mask = netmask.split(".").map(Number);
  return address
    .split(".")
    .map((byte, place) => Number(byte) | (~(mask[place] ?? 255) & 255))
    .join(".");
}
