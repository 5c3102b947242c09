import { isApplied } from "../kv/answers.js";
import { askStore, GATEWAY_OPTIONS, gatewayOf } from "../kv/gateway.js";
import { assignment, foundInstead, keyGiven, keyPath, storable, where } from "../kv/key-text.js";
import { askedFor, PREVIOUS_OPTION, tellPrevious } from "../kv/previous.js";
import { ABSENT, RECORD_OPTION, type Recorded, recorded } from "../kv/record.js";
import type { Arguments, Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { text, wholeNumber } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";
import { readValue } from "../value-option.js";

export const REVISION_OPTION = {
  type: "string",
  describe: "Only if this is the key's revision",
  coerce: wholeNumber("--revision", 1, Number.MAX_SAFE_INTEGER),
} as const;

export const kvCas: Command = {
  usage: "kv cas <key>",
  summary: "Compare and set: write a value only if the key holds what is expected, in one step",
  examples: [
    ["synod kv cas lock --absent --value mine", "exit 5 if somebody has it"],
    ["synod kv cas x --expected 1 --value 2", "only if x is 1"],
    ["synod kv cas x --revision 7 --value 2", "only if nobody wrote x since it got revision 7"],
  ],
  positionals: { key: { type: "string", describe: "The key, 1 to 1024 characters" } },
  options: {
    value: {
      type: "string",
      demandOption: true,
      describe: "The value to write; - reads it from stdin",
      coerce: text("--value"),
    },
    expected: { type: "string", describe: "Only if this is the key's value", coerce: text("--expected") },
    absent: { type: "boolean", default: false, describe: "Only if there is no such key" },
    revision: REVISION_OPTION,
    ...PREVIOUS_OPTION,
    ...RECORD_OPTION,
    ...GATEWAY_OPTIONS,
  },
  run: async (args, terminal) => {
    const condition = conditionOf(args);
    const gateway = gatewayOf(args, terminal);
    const key = keyGiven(args["key"]);
    const value = storable(await readValue(args, terminal));
    const call = { method: "PUT", path: keyPath(key), body: { value, ...condition, ...askedFor(args) } } as const;
    const [expected, isAnswer] = [["compare-failed"] as const, isApplied(key)];
    const swap = () => askStore(gateway, { ...call, expected, isAnswer }, args["timeout"] as number, terminal);
    const { body, problem } = await recordedSwap(args, key, value, terminal, swap);
    if (problem) {
      const { current, slot } = body as { current?: unknown; slot?: number };
      terminal.note(foundInstead(key, current));
      const document = { key, swapped: false, current, slot, warnings: terminal.warnings };
      return { exitCode: ExitCode.notFound, document };
    }
    terminal.line(`${assignment(key, value)}${where(body as object)}`);
    tellPrevious(args, body as object, terminal);
    return { exitCode: ExitCode.done, document: { ...(body as object), swapped: true, warnings: terminal.warnings } };
  },
};

type Condition = { readonly expected: string | null } | { readonly expectedRevision: number };

/** @throws {UsageError} unless there is exactly one */
function conditionOf({ expected, absent, revision }: Arguments): Condition {
  const conditions: Condition[] = [
    ...(expected === undefined ? [] : [{ expected: storable(expected as string) }]),
    ...(absent ? [{ expected: null }] : []),
    ...(revision === undefined ? [] : [{ expectedRevision: revision as number }]),
  ];
  const [condition, ...others] = conditions;
  if (condition && others.length === 0) return condition;
  throw new UsageError("say what is expected: one of --expected VALUE, --absent, --revision N");
}

type Swapped = Awaited<ReturnType<typeof askStore>>;

/** A register knows no revisions: compared by one, it is a write if it wrote, and did not happen if it did not. */
function recordedSwap(
  args: Arguments,
  key: string,
  value: string,
  terminal: Terminal,
  swap: () => Promise<Swapped>,
): Promise<Swapped> {
  const { expected, absent, revision } = args;
  if (revision !== undefined) {
    const operation: Recorded = { f: "write", value, seesAbsence: false };
    return recorded(args, key, operation, terminal, swap, ({ problem }) => (problem ? null : { value }));
  }
  const pair = [absent ? ABSENT : expected, value];
  const operation: Recorded = { f: "cas", value: pair, seesAbsence: absent === true };
  return recorded(args, key, operation, terminal, swap, ({ problem }) => ({ value: pair, swapped: problem === null }));
}
