import { type Change, ChangeStream, type Watcher } from "../kv/change-stream.js";
import { GATEWAY_OPTIONS, gatewayOf } from "../kv/gateway.js";
import { assignment } from "../kv/key-text.js";
import type { Command } from "../terminal/command.js";
import { endOf } from "../terminal/end-of.js";
import { ExitCode } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { duration, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

export const kvWatch: Command = {
  usage: "kv watch <patterns..>",
  summary: "Print each change of keys of the replicated key-value store, as it happens, until Ctrl-C",
  examples: [
    ["synod kv watch 'user/*'", "all keys that begin so; quoted, so that the shell leaves the * alone"],
    [
      "synod kv watch '*' --from 1 --json | jq -c .",
      "everything that ever happened and is still kept, then what comes",
    ],
    ["synod kv watch ready --count 1", "until somebody writes the key ready"],
  ],
  positionals: {
    patterns: { type: "string", array: true, describe: "Keys; * stands for any characters, none included" },
  },
  options: {
    from: {
      type: "string",
      describe: "The first revision to tell of (default: what changes from now on)",
      coerce: wholeNumber("--from", 1, Number.MAX_SAFE_INTEGER),
    },
    count: {
      type: "string",
      describe: "End after so many changes",
      coerce: wholeNumber("--count", 1, Number.MAX_SAFE_INTEGER),
    },
    for: { type: "string", describe: "End after this time, such as 30s (default: Ctrl-C)", coerce: duration("--for") },
    ...GATEWAY_OPTIONS,
    timeout: {
      ...GATEWAY_OPTIONS.timeout,
      describe: "How long to try to connect, at first and when a connection broke",
    },
  },
  run: async (args, terminal) => {
    const gateway = gatewayOf(args, terminal);
    const patterns = (args["patterns"] as string[]).map(String);
    const { from, count, for: spanMs, timeout: timeoutMs } = args as Readonly<Record<string, number | undefined>>;
    const counted = new AbortController();
    const { interrupted, outputClosed } = terminal;
    const end = endOf([interrupted, outputClosed, counted.signal], spanMs);
    terminal.note(`watching ${patterns.join(" ")}`);
    const watcher = printer(terminal, count ?? Number.POSITIVE_INFINITY, () => counted.abort());
    await new ChangeStream(gateway, { patterns, from, timeoutMs: timeoutMs ?? 0, end }, watcher).run();
    interrupted.throwIfAborted();
    return { exitCode: ExitCode.done };
  },
};

function printer(terminal: Terminal, most: number, isEnough: () => void): Watcher {
  let count = 0;
  return {
    interrupted: (reason) => terminal.note(`${reason}; connecting again`),
    changed: (change) => {
      terminal.data(terminal.json ? `${JSON.stringify(change)}\n` : `${inWords(change)}\n`);
      if (++count >= most) isEnough();
    },
    compacted: (through) =>
      terminal.warn(`changes up to revision ${through} are no longer kept: some are missing here`),
  };
}

function inWords({ type, key, value, revision }: Change): string {
  return type === "delete"
    ? `${legible(key)} deleted (revision ${revision})`
    : `${assignment(key, value)} (revision ${revision})`;
}
