import { type Address, MOST_SERVERS, parseServers } from "@synod/api";
import { isProposalId } from "@synod/consensus";
import { UsageError } from "./exit-code.js";

/**
 * Readers of option values. Every option is text for yargs, so that nothing is guessed about it ("7.0", "0x10" and "1e3"
 * are no ids); each reader takes that text and returns what it means.
 *
 * @throws {UsageError} naming the flag
 */

type Reader<T> = (value: unknown) => T;

/** The text of an option that may be given once. */
export function text(flag: string): Reader<string | undefined> {
  return (value) => {
    if (Array.isArray(value)) throw new UsageError(`${flag} was given ${value.length} times: give it once`);
    return value === undefined ? undefined : String(value);
  };
}

/** The same, where the empty text names nothing. */
export function name(flag: string): Reader<string | undefined> {
  const read = text(flag);
  return (value) => {
    const given = read(value);
    if (given === "") throw new UsageError(`${flag} is empty`);
    return given;
  };
}

/** What may name a pool: it travels in a header. */
export function poolName(flag: string): Reader<string | undefined> {
  const read = text(flag);
  return (value) => {
    const given = read(value);
    if (given === undefined || /^[A-Za-z0-9._-]{1,64}$/.test(given)) return given;
    throw new UsageError(`${flag} is made of at most 64 letters, digits, dots, dashes and underscores`);
  };
}

/** A whole number in this range. */
export function wholeNumber(flag: string, least: number, most: number): Reader<number | undefined> {
  const read = text(flag);
  return (value) => {
    const digits = read(value);
    if (digits === undefined) return undefined;
    const number = /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : Number.NaN;
    if (number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least}..2^53-1` : `${least}..${most}`;
    throw new UsageError(`${flag} must be a whole number ${range}, not "${digits}"`);
  };
}

/** A proposal id. */
export function proposalId(flag: string): Reader<number | undefined> {
  const read = wholeNumber(flag, 0, Number.MAX_SAFE_INTEGER);
  return (value) => {
    const id = read(value);
    if (id === undefined || isProposalId(id)) return id;
    throw new UsageError(`${flag} must be a whole number 0..2^53-1`);
  };
}

/** Server ids, each at most once, separated by spaces or commas. */
export function serverIds(flag: string): Reader<number[] | undefined> {
  const read = wholeNumber(flag, 1, MOST_SERVERS);
  return (value) => {
    if (value === undefined) return undefined;
    const ids = [value]
      .flat()
      .flatMap((one) => String(one).split(","))
      .map((one) => read(one) as number);
    const twice = ids.find((id, position) => ids.indexOf(id) !== position);
    if (twice !== undefined) throw new UsageError(`${flag} names server ${twice} twice: each counts once`);
    return ids;
  };
}

/** A span of time in milliseconds, from `500`, `500ms` or `2s`. */
export function duration(flag: string, mostMs = 24 * 60 * 60 * 1000): Reader<number | undefined> {
  const read = text(flag);
  return (value) => {
    const given = read(value);
    if (given === undefined) return undefined;
    const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(given);
    const milliseconds = Math.round(Number(match?.[1]) * (match?.[2] === "s" ? 1000 : 1));
    if (match && milliseconds >= 1 && milliseconds <= mostMs) return milliseconds;
    throw new UsageError(`${flag} must be a time such as 500ms or 2s, not "${given}"`);
  };
}

/** A list of addresses, of servers 1, 2, 3, ... in this order. */
export function servers(flag: string): Reader<Address[] | undefined> {
  const read = text(flag);
  return (value) => {
    const list = read(value);
    if (list === undefined) return undefined;
    try {
      return parseServers(list);
    } catch (error) {
      throw new UsageError(`${flag}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
