import { isApplied } from "../kv/answers.js";
import { askStore, GATEWAY_OPTIONS, gatewayOf } from "../kv/gateway.js";
import { foundInstead, keyGiven, keyPath, where } from "../kv/key-text.js";
import { askedFor, PREVIOUS_OPTION, tellPrevious } from "../kv/previous.js";
import { ABSENT, RECORD_OPTION, recorded } from "../kv/record.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { legible } from "../terminal/legible.js";
import { REVISION_OPTION } from "./kv-cas.js";

export const kvDelete: Command = {
  usage: "kv delete <key>",
  summary: "Delete a key of the replicated key-value store; exit 5 if there is none",
  examples: [
    ["synod kv delete greeting", "whatever it holds"],
    ["synod kv delete greeting --revision 7", "only if nobody wrote it since it got revision 7"],
  ],
  positionals: { key: { type: "string", describe: "The key, 1 to 1024 characters" } },
  options: { revision: REVISION_OPTION, ...PREVIOUS_OPTION, ...RECORD_OPTION, ...GATEWAY_OPTIONS },
  run: async (args, terminal) => {
    const gateway = gatewayOf(args, terminal);
    const key = keyGiven(args["key"]);
    const { previous } = askedFor(args);
    const query = { expectedRevision: args["revision"] as number | undefined, previous: previous && "true" };
    const path = keyPath(key, query);
    const remove = () =>
      askStore(
        gateway,
        { method: "DELETE", path, expected: ["key-not-found", "compare-failed"], isAnswer: isApplied(key) },
        args["timeout"] as number,
        terminal,
      );
    // A register cannot be empty again: absence is a value like any other.
    const operation = { f: "write", value: ABSENT, seesAbsence: false } as const;
    const { body, problem } = await recorded(args, key, operation, terminal, remove, (reply) =>
      reply.problem?.code === "compare-failed" ? null : { value: ABSENT },
    );
    const reply = body as { deleted?: boolean; previous?: unknown; current?: unknown; slot?: number };
    const deleted = problem === null && reply.deleted !== false;
    if (deleted) {
      terminal.line(`${legible(key)} deleted${where({ slot: reply.slot })}`);
      tellPrevious(args, reply, terminal);
    } else if (problem?.code === "compare-failed") terminal.note(foundInstead(key, reply.current));
    else terminal.note(`there is no key ${legible(key)}`);
    const document = problem ? { key, deleted, current: reply.current, slot: reply.slot } : { ...reply, key, deleted };
    return {
      exitCode: deleted ? ExitCode.done : ExitCode.notFound,
      document: { ...document, warnings: terminal.warnings },
    };
  },
};
