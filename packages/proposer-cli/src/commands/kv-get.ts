import type { Options } from "yargs";
import { isOfKey, isPage } from "../kv/answers.js";
import { askStore, GATEWAY_OPTIONS, type Gateway, gatewayOf } from "../kv/gateway.js";
import { assignment, keyGiven, keyPath, queryText, where } from "../kv/key-text.js";
import { ABSENT, RECORD_OPTION, recorded } from "../kv/record.js";
import type { Arguments, Command, Result } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { text, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

const CONSISTENCY_OPTIONS = {
  consistency: {
    choices: ["eventual", "session", "strong"],
    default: "strong",
    describe: "eventual: from any learner, perhaps old; session: not older than --token; strong: linearizable",
  },
  token: {
    type: "string",
    describe: "With session: the slot that the answer must know, as an earlier write or read told it",
    coerce: wholeNumber("--token", 0, Number.MAX_SAFE_INTEGER),
  },
} as const satisfies Record<string, Options>;

export const kvGet: Command = {
  usage: "kv get [key]",
  summary: "Read a key of the replicated key-value store, or all keys that begin alike",
  examples: [
    ["synod kv get greeting", "a strong read: it sees every write that was answered before"],
    ["synod kv get greeting --value-only", "for scripts"],
    ["synod kv get --prefix user/", "all keys that begin so; --prefix '' for all there are"],
    ["synod kv get greeting --consistency eventual", "from one learner, which may be behind"],
  ],
  positionals: { key: { type: "string", describe: "The key, 1 to 1024 characters" } },
  options: {
    prefix: { type: "string", describe: "In place of a key: all keys that begin so", coerce: text("--prefix") },
    limit: {
      type: "string",
      describe: "With --prefix: keys at most",
      coerce: wholeNumber("--limit", 1, Number.MAX_SAFE_INTEGER),
    },
    "value-only": { type: "boolean", default: false, describe: "Print the value alone, and a newline" },
    ...CONSISTENCY_OPTIONS,
    ...RECORD_OPTION,
    ...GATEWAY_OPTIONS,
  },
  run: async (args, terminal) => {
    refuseWhatDoesNotFit(args);
    const gateway = gatewayOf(args, terminal);
    return args["key"] === undefined ? getAll(gateway, args, terminal) : getOne(gateway, args, terminal);
  },
};

function refuseWhatDoesNotFit(args: Arguments): void {
  const { key, prefix, limit, consistency, token, record } = args;
  if ((key === undefined) === (prefix === undefined)) throw new UsageError("name a key, or give --prefix");
  if (limit !== undefined && prefix === undefined) throw new UsageError("--limit is for --prefix");
  if (token !== undefined && consistency !== "session") throw new UsageError("--token is for --consistency session");
  if (record === undefined) return;
  if (prefix !== undefined)
    throw new UsageError("--record is for single keys: a read of many is no operation of a register");
  if (consistency !== "strong") {
    throw new UsageError(
      `--record is for strong reads: ${consistency} ones may be old, which a check for linearizability would take for a violation`,
    );
  }
}

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly revision?: number;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly next: string | null;
  readonly slot: number;
}

/** `GET /kv/watch` is the stream of changes, and no key's. */
const KEY_WITHOUT_PATH = "watch";

async function getOne(gateway: Gateway, args: Arguments, terminal: Terminal): Promise<Result> {
  const key = keyGiven(args["key"]);
  const operation = { f: "read", seesAbsence: true } as const;
  const get = () => readKey(gateway, key, args, terminal);
  const { entry, seen } = await recorded(args, key, operation, terminal, get, (read) => ({
    value: read.entry === null ? ABSENT : read.entry.value,
  }));
  if (entry === null) {
    terminal.note(`there is no key ${legible(key)}`);
    const { slot, token } = seen;
    const document = { key, found: false, value: null, slot, token, warnings: terminal.warnings };
    return { exitCode: ExitCode.notFound, document };
  }
  terminal.line(args["value-only"] ? entry.value : `${assignment(key, entry.value)}${where({ ...seen, ...entry })}`);
  return { exitCode: ExitCode.done, document: { ...seen, ...entry, found: true, warnings: terminal.warnings } };
}

/** What a read found, and what else its answer says: at which slot, and what it cost. */
interface KeyRead {
  readonly entry: Entry | null;
  readonly seen: { readonly slot?: number; readonly token?: number };
}

async function readKey(gateway: Gateway, key: string, args: Arguments, terminal: Terminal): Promise<KeyRead> {
  const timeoutMs = args["timeout"] as number;
  if (key === KEY_WITHOUT_PATH) {
    // The first key from there on; any other comes after it.
    const path = `/kv${queryText({ from: key, limit: 1, ...levelOf(args) })}`;
    const { body } = await askStore(gateway, { path, isAnswer: isPage }, timeoutMs, terminal);
    const { entries, next: _, ...seen } = body as Page;
    return { entry: entries.find((one) => one.key === key) ?? null, seen };
  }
  const call = { path: keyPath(key, levelOf(args)), expected: ["key-not-found"], isAnswer: isOfKey(key) } as const;
  const { body, problem } = await askStore(gateway, call, timeoutMs, terminal);
  return problem ? { entry: null, seen: body as KeyRead["seen"] } : { entry: body as Entry, seen: {} };
}

/** Reads page after page. Each is read at a moment of its own: together they are no picture of one moment. */
async function getAll(gateway: Gateway, args: Arguments, terminal: Terminal): Promise<Result> {
  const { prefix, limit } = args as { prefix: string; limit?: number };
  const entries: Entry[] = [];
  let after: string | undefined;
  let slot: number | undefined;
  do {
    const wanted = limit === undefined ? undefined : limit - entries.length;
    const path = `/kv${queryText({ prefix, after, limit: wanted, ...levelOf(args) })}`;
    const { body } = await askStore(gateway, { path, isAnswer: isPage }, args["timeout"] as number, terminal);
    const page = body as Page;
    for (const { key, value, revision } of page.entries) {
      terminal.line(args["value-only"] ? value : `${assignment(key, value)}${where({ revision })}`);
    }
    entries.push(...page.entries);
    [after, slot] = [page.next ?? undefined, page.slot];
  } while (after !== undefined && (limit === undefined || entries.length < limit) && !terminal.outputClosed.aborted);
  return { exitCode: ExitCode.done, document: { entries, next: after ?? null, slot, warnings: terminal.warnings } };
}

function levelOf({ consistency, token }: Arguments): { consistency: string; token: number | undefined } {
  return { consistency: String(consistency), token: token as number | undefined };
}
