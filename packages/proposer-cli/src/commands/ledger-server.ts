import { appendFileSync, mkdirSync } from "node:fs";
import { formatAddress } from "@synod/api";
import { MOST_PRESET_SERVERS } from "@synod/replica-server/topology";
import { LOG_LEVEL_OPTION, runNodeHere } from "../cluster/run-node.js";
import { OwnServer } from "../ledger/own-server.js";
import { SERVER_LINES, ServerPrompt } from "../ledger/server-prompt.js";
import { LEDGER_SERVER_OPTIONS, ledgerOfServer, nodeOfServer } from "../ledger/server-settings.js";
import type { Command } from "../terminal/command.js";
import { wholeNumber } from "../terminal/option-values.js";
import { completingTo, Prompt } from "../terminal/prompt.js";

export const ledgerServer: Command = {
  usage: "ledger server <id>",
  summary:
    "Run one server of a ledger in the foreground, with a prompt; without a terminal it reads commands from stdin, and " +
    "runs on when those are at their end",
  examples: [
    ["synod ledger server 1 --server-count 3", "and 2 and 3 in terminals of their own; then: help, print serverList"],
    ["synod ledger server 2 < /dev/null", "without a prompt, until a signal: as a service, or with & behind it"],
    [
      "synod ledger server 3 --topology ledger.yaml --secret-file secret",
      "on a machine of its own; synod cluster topology ledger prints a file to begin with",
    ],
  ],
  positionals: {
    id: {
      type: "string",
      describe: "The server's number, 1, 2, 3, ...",
      coerce: wholeNumber("the server's id", 1, MOST_PRESET_SERVERS),
    },
  },
  options: { ...LEDGER_SERVER_OPTIONS, ...LOG_LEVEL_OPTION },
  run: async (args, terminal) => {
    const id = args["id"] as number;
    const settings = await ledgerOfServer(args, terminal);
    const node = nodeOfServer(settings, id);
    const { folder, logFile } = settings.folder.node(node.name);
    mkdirSync(folder, { recursive: true });
    const log = { level: args["log-level"] as string, write: toFile(logFile) };
    const running = await runNodeHere(settings, node, log, terminal);
    const never = new AbortController().signal;
    const server = new OwnServer(settings, node, never);
    const prompt = new Prompt(terminal, { name: `server ${id}> `, complete: completingTo(SERVER_LINES) });
    const [place = ""] = node.roles
      .filter(({ role }) => role === "gateway")
      .map(({ address }) => formatAddress(address));
    const { name, nodes } = settings.topology;
    prompt.note(
      `${node.name} (of ${nodes.length}) of the cluster ${name} serves at http://${place}. Its log: ${logFile}`,
    );
    if (prompt.isInteractive) prompt.note("failProcess, failLink <port>, fixLink <port>, print, debug, help, exit");
    const isTold = await new ServerPrompt(prompt, server, settings, node, terminal.json).run();
    // A signal is on its way to whoever stops the node, but for one that a terminal makes none of.
    if (prompt.isInteractive && prompt.interrupted.aborted) process.kill(process.pid, "SIGINT");
    else if (isTold || prompt.isInteractive) await running.stop();
    // From here on signals end the process, when the node has finished.
    return new Promise(() => {});
  },
};

/** Line by line, and nowhere if that fails: a full disk must not stop a server. */
function toFile(file: string): (line: string) => void {
  return (line) => {
    try {
      appendFileSync(file, line);
    } catch {
      // There is no place left to say that there is no place left.
    }
  };
}
