import type { RingHosts } from "@synod/ring/hosts-file";
import { UsageError } from "../terminal/exit-code.js";
import { wholeNumber } from "../terminal/option-values.js";
import { MOST_UID } from "./settings.js";

/** A client that a run starts. */
export interface ClientAsked {
  readonly uid: number;
  readonly value: string;
  readonly proposer: number;
}

/** `UID=VALUE@PROPOSER`, as often as it is given; the value may hold both signs. @throws {UsageError} */
export function clientsAsked(value: unknown): ClientAsked[] | undefined {
  if (value === undefined) return undefined;
  return [value].flat().map((one) => {
    const match = /^(\d{1,4})=(.*)@(\d{1,15})$/s.exec(String(one));
    if (!match) throw new UsageError(`--client must be UID=VALUE@PROPOSER, such as 3=210@0, not "${one}"`);
    return { uid: Number(match[1]), value: match[2] ?? "", proposer: Number(match[3]) };
  });
}

/** UIDs with commas between them. @throws {UsageError} */
export function uids(flag: string): (value: unknown) => number[] | undefined {
  const read = wholeNumber(flag, 0, MOST_UID);
  return (value) => {
    if (value === undefined) return undefined;
    return [value].flat().flatMap((one) =>
      String(one)
        .split(",")
        .map((uid) => read(uid) as number),
    );
  };
}

/**
 * The clients to run: those that were asked for, and the first other one with `--value`, by the first proposer.
 *
 * @throws {UsageError} if there is no such client, none at all, or one twice
 */
export function clientsToRun(
  { hosts }: RingHosts,
  value: string | undefined,
  asked: readonly ClientAsked[] = [],
): ClientAsked[] {
  const clients = hosts.filter(({ kind }) => kind === "client").map(({ uid }) => uid);
  for (const [place, { uid }] of asked.entries()) {
    if (!clients.includes(uid)) throw new UsageError(`--client ${uid}: the hosts file has no client of this UID`);
    if (asked.findIndex((one) => one.uid === uid) !== place) throw new UsageError(`--client ${uid} is given twice`);
  }
  const free = clients.find((uid) => !asked.some((one) => one.uid === uid));
  if (value !== undefined && free === undefined)
    throw new UsageError("--value: the hosts file has no client left for it");
  const first = value === undefined || free === undefined ? [] : [{ uid: free, value, proposer: 0 }];
  const all = [...first, ...asked];
  if (all.length === 0) throw new UsageError("give a client a value: --value 210, or --client UID=VALUE@PROPOSER");
  return all;
}

/** @throws {UsageError} if one of these is no node */
export function nodesToFail({ hosts }: RingHosts, failing: readonly number[] = []): readonly number[] {
  for (const uid of failing) {
    if (hosts[uid]?.kind !== "node") throw new UsageError(`--fail ${uid}: the hosts file has no node of this UID`);
  }
  return failing;
}
