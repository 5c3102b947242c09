import { endInBackground } from "../background-end.js";
import { POOL_OPTIONS, poolSettings } from "../pool-settings.js";
import type { Command } from "../terminal/command.js";
import { ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration } from "../terminal/option-values.js";
import { areIdsGiven, type Deed, forEach, IDS_POSITIONAL, idsGiven, recordOf } from "./acceptor-pool.js";

export const acceptorDown: Command = {
  usage: "acceptor down [ids..]",
  summary: "Stop acceptors that were started here; those that are not up stay as they are",
  examples: [
    ["synod acceptor down 2", "stop server 2; it keeps its state"],
    ["synod acceptor down 2 --crash", "kill -9, as a failing machine would"],
    ["synod acceptor down --all", "stop the whole pool"],
  ],
  positionals: IDS_POSITIONAL,
  options: {
    all: { type: "boolean", default: false, describe: "All servers of the pool" },
    crash: { type: "boolean", default: false, describe: "Kill at once (SIGKILL) instead of asking (SIGTERM)" },
    within: {
      type: "string",
      default: "10s",
      describe: "How long a server may take to stop before it is killed",
      coerce: duration("--within"),
    },
    ...POOL_OPTIONS,
  },
  run: async (args, terminal) => {
    const settings = poolSettings(args, terminal);
    const named = areIdsGiven(args);
    if (named === args["all"]) throw new UsageError("name the servers to stop by their ids, or say --all");
    const { folder } = settings;
    if (settings.record === null) {
      terminal.line(`nothing to stop: no pool was started in ${folder.path}`);
      return { exitCode: ExitCode.done, document: { acceptors: [], warnings: terminal.warnings } };
    }
    const { serverCount } = recordOf(settings, terminal);
    const how = {
      crash: args["crash"] as boolean,
      withinMs: args["within"] as number,
      interrupted: terminal.interrupted,
    };
    const down = async (server: number): Promise<Deed> => {
      const files = { pidFile: folder.pidFile(server), notesFile: folder.notesFile(server) };
      return { server, ...(await endInBackground(files, how)) };
    };
    return forEach(idsGiven(args, serverCount), down, terminal);
  },
};
