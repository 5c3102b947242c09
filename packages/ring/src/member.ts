import { randomInt } from "node:crypto";
import { type App, listen, refuseWithoutSecret } from "@synod/acceptor-server";
import type { Address } from "@synod/api";
import { Random, type RingTiming } from "@synod/consensus";
import type { FastifyBaseLogger } from "fastify";
import type { RingHost as HostLine, RingHosts } from "./hosts-file.js";

/** What every member of a ring is given. */
export interface MemberOptions {
  /** What `parseHosts` made of the hosts file: the same on all machines. */
  readonly hosts: RingHosts;
  /** Its place in the hosts file, from 0. */
  readonly uid: number;
  /** Where to listen if that is not the host of its line; the port is that of the line. */
  readonly listen?: string | undefined;
  /** Shared by all members; needed as soon as other machines can reach this one. */
  readonly secret?: string | undefined;
  /** Other times than the usual ones. */
  readonly timing?: Partial<RingTiming> | undefined;
  /** Decides what is left to chance: waits. Default: another one each time. */
  readonly seed?: number | undefined;
  readonly logger?: FastifyBaseLogger | undefined;
}

export function chanceOf({ seed }: MemberOptions): Random {
  return Random.fromSeed(seed ?? randomInt(2 ** 48 - 1));
}

/**
 * Lets the app of a member listen at its place in the hosts file.
 *
 * @throws {CannotStart} if it cannot, or may not without a secret
 */
export function listenAt(app: App, options: MemberOptions, line: HostLine): Promise<Address> {
  const where: Address = { host: options.listen ?? line.address.host, port: line.address.port };
  refuseWithoutSecret(where, options.secret);
  return listen(app, where, `line ${line.line} of the hosts file, or --listen`);
}

/** How long an app may take to close before its connections are cut, in milliseconds. */
const CLOSE_WITHIN_MS = 1000;

export async function closeApp(app: App): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_WITHIN_MS).unref();
  await app.close();
  clearTimeout(timer);
}

/** The longest that a timer takes, in milliseconds: one that is set for longer goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** As long as was asked for, or as long as a timer takes: also for `Infinity`. */
export function timerMs(ms: number): number {
  return Math.min(ms, LONGEST_TIMER_MS);
}
