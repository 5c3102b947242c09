import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { type Address, formatAddress, isLoopback } from "@synod/api";
import { MOST_RING_PROPOSERS, memberName, nodeCountOf, type RingPlan } from "@synod/consensus";

/** One line of a hosts file: a node or a client. */
export interface RingHost {
  /** Its place among all hosts, from 0. */
  readonly uid: number;
  /** As it is called in messages: `n0`, `c3`. */
  readonly name: string;
  readonly kind: "node" | "client";
  readonly address: Address;
  /** In the file, from 1. */
  readonly line: number;
}

/** What a hosts file says. */
export interface RingHosts {
  readonly plan: RingPlan;
  /** By UID. */
  readonly hosts: readonly RingHost[];
  /** The same for two files that say the same: members of one ring know each other by it. */
  readonly clusterId: string;
}

/** A hosts file that cannot be used; the message begins with the file and the line. */
export class HostsFileError extends Error {
  override readonly name = "HostsFileError";
  constructor(
    file: string,
    /** From 1. */
    readonly line: number,
    what: string,
  ) {
    super(`${file} line ${line}: ${what}`);
  }
}

const COUNTS = { PROPOSERS: "proposers", ACCEPTORS: "acceptors", LEARNERS: "learners" } as const;
type CountWord = keyof typeof COUNTS;

/** More of a role is a typing mistake. */
const MOST_OF_A_ROLE = 200;

const FORM = 'write "PROPOSERS n", "ACCEPTORS n", "LEARNERS n", and then "host port con" or "host port cli"';

/**
 * Reads a hosts file: the counts of the roles, then a line for each node (`con`), then one for each client (`cli`). The
 * place of a line among those is its UID. Empty lines, and what follows a `#`, are left out.
 *
 * @param file its name, for complaints
 * @throws {HostsFileError} naming the line that is wrong
 */
export function parseHosts(text: string, file = "hosts.txt"): RingHosts {
  const counts = new Map<CountWord, { readonly count: number; readonly line: number }>();
  const lines: Omit<RingHost, "uid" | "name">[] = [];
  for (const [place, raw] of text.split(/\r?\n/).entries()) {
    const words = raw.replace(/#.*/, "").trim().split(/\s+/).filter(Boolean);
    const line = place + 1;
    const wrong = (what: string) => new HostsFileError(file, line, what);
    if (words.length === 0) continue;
    if (isCountWord(words[0])) {
      if (lines.length > 0) throw wrong(`${words[0]} stands before all hosts`);
      if (counts.has(words[0])) throw wrong(`${words[0]} is there already, in line ${counts.get(words[0])?.line}`);
      counts.set(words[0], { count: countIn(words, wrong), line });
    } else lines.push(hostIn(words, line, lines, wrong));
  }
  return checked(file, text, counts, lines);
}

/** The host of this UID. @throws {RangeError} if there is none, or it is of the other kind */
export function hostOf({ hosts, plan }: RingHosts, uid: number, kind: RingHost["kind"]): RingHost {
  const host = hosts[uid];
  if (host?.kind === kind) return host;
  const nodes = nodeCountOf(plan);
  const range = kind === "node" ? [0, nodes - 1] : [nodes, hosts.length - 1];
  const there = kind === "client" && hosts.length === nodes ? "there are none" : `those have UIDs ${range.join("..")}`;
  throw new RangeError(`${uid} is not the UID of a ${kind}: ${there}`);
}

function isCountWord(word: string | undefined): word is CountWord {
  return word !== undefined && Object.hasOwn(COUNTS, word);
}

type Wrong = (what: string) => HostsFileError;

function countIn([word, digits = "", ...rest]: readonly string[], wrong: Wrong): number {
  const count = /^\d{1,6}$/.test(digits) && rest.length === 0 ? Number(digits) : Number.NaN;
  const most = word === "PROPOSERS" ? MOST_RING_PROPOSERS : MOST_OF_A_ROLE;
  if (count >= 1 && count <= most) return count;
  if (count === 0) throw wrong(`${word} 0: there must be at least one`);
  throw wrong(`${word} is followed by a number 1..${most}, and nothing else`);
}

function hostIn(
  words: readonly string[],
  line: number,
  before: readonly Omit<RingHost, "uid" | "name">[],
  wrong: Wrong,
): Omit<RingHost, "uid" | "name"> {
  const [host = "", digits = "", word] = words;
  if (words.length !== 3 || (word !== "con" && word !== "cli")) throw wrong(`this is no line of it: ${FORM}`);
  if (!/^[A-Za-z0-9._-]+$/.test(host) && !isIPv6(host))
    throw wrong(`"${host}" is neither a host's name nor an address`);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(port >= 1 && port <= 65535)) throw wrong(`"${digits}" is no port: a whole number 1..65535`);
  const kind = word === "con" ? "node" : "client";
  const last = before.at(-1);
  if (kind === "node" && last?.kind === "client") throw wrong("nodes (con) come before clients (cli)");
  const address = { host, port };
  const twin = before.find((other) => placeOf(other.address) === placeOf(address));
  if (twin) throw wrong(`${formatAddress(address)} is the address of line ${twin.line}, too: each has its own port`);
  return { kind, address, line };
}

/** This machine has several names, and one set of ports. */
function placeOf({ host, port }: Address): string {
  return `${isLoopback(host) ? "loopback" : host.toLowerCase()} ${port}`;
}

function checked(
  file: string,
  text: string,
  counts: ReadonlyMap<CountWord, { readonly count: number; readonly line: number }>,
  lines: readonly Omit<RingHost, "uid" | "name">[],
): RingHosts {
  const lastLine = text.split(/\r?\n/).length;
  for (const word of Object.keys(COUNTS)) {
    if (isCountWord(word) && !counts.has(word)) throw new HostsFileError(file, lastLine, `${word} is missing: ${FORM}`);
  }
  const countOf = (word: CountWord) => counts.get(word)?.count ?? 0;
  const plan: RingPlan = {
    proposers: countOf("PROPOSERS"),
    acceptors: countOf("ACCEPTORS"),
    learners: countOf("LEARNERS"),
    clients: lines.filter(({ kind }) => kind === "client").length,
  };
  const wanted = nodeCountOf(plan);
  const nodes = lines.filter(({ kind }) => kind === "node");
  if (nodes.length !== wanted) {
    const line = nodes[wanted]?.line ?? counts.get("LEARNERS")?.line ?? 1;
    const sum = `${plan.proposers} proposers, ${plan.acceptors} acceptors and ${plan.learners} learners are ${wanted} nodes`;
    throw new HostsFileError(file, line, `${sum}, but ${nodes.length} lines end in con`);
  }
  const hosts = lines.map((host, uid) => ({ ...host, uid, name: memberName(plan, uid) }));
  const said = JSON.stringify([plan, hosts.map(({ address }) => formatAddress(address))]);
  return { plan, hosts, clusterId: `ring-${createHash("sha256").update(said).digest("hex").slice(0, 12)}` };
}
