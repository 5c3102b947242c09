import { isStatus } from "../kv/answers.js";
import { askGateway, GATEWAY_OPTIONS, gatewayOf } from "../kv/gateway.js";
import type { Command } from "../terminal/command.js";
import { ExitCode } from "../terminal/exit-code.js";
import { table } from "../terminal/table.js";

/** What a gateway tells of one server. */
type Server = Readonly<Record<string, unknown>>;

/** What a gateway tells of its cluster. */
interface GatewayStatus {
  readonly leader?: string | null;
  readonly quorum?: boolean;
  readonly acceptors?: readonly Server[];
  readonly proposers?: readonly Server[];
  readonly learners?: readonly Server[];
  readonly raft_servers?: readonly Server[];
  readonly advice?: readonly string[];
}

export const kvStatus: Command = {
  usage: "kv status",
  summary: "Show what the gateway knows of its cluster: who leads, who is up, how far the learners are",
  examples: [
    ["synod kv status", "a table; exit 4 if it cannot serve: no leader, no quorum or no learner"],
    ["synod kv status --json | jq -r .leader", "who leads"],
  ],
  options: GATEWAY_OPTIONS,
  run: async (args, terminal) => {
    const gateway = gatewayOf(args, terminal);
    const { body } = await askGateway(
      gateway,
      { path: "/status", isAnswer: isStatus },
      args["timeout"] as number,
      terminal,
    );
    const status = body as GatewayStatus;
    const { acceptors = [], proposers = [], learners = [], raft_servers: rafts = [] } = status;
    const servers = [...acceptors, ...proposers, ...learners, ...rafts];
    const header = ["server", "status", "state", rafts.length > 0 ? "term" : "promised", "applied", "lag"];
    for (const row of table(header, servers.map(cells))) terminal.line(row);
    terminal.line();
    for (const sentence of sentencesOf(status)) terminal.line(sentence);
    const document = { ...(body as object), warnings: terminal.warnings };
    return { exitCode: isServing(status) ? ExitCode.done : ExitCode.noConsensus, document };
  },
};

/** Whether anything can be written and read: what `cluster status` means by a quorum. */
function isServing({ quorum, leader, learners = [], raft_servers: rafts = [] }: GatewayStatus): boolean {
  return quorum === true && typeof leader === "string" && [...learners, ...rafts].some(({ up }) => up === true);
}

function cells(server: Server): string[] {
  const cell = (...fields: string[]) => {
    const value = fields.map((field) => server[field]).find((one) => one !== undefined && one !== null && one !== -1);
    return value === undefined ? "-" : String(value);
  };
  const promised = cell("promisedId", "proposal_id", "term");
  return [
    cell("name"),
    server["up"] === true ? "up" : "down",
    cell("state"),
    promised,
    cell("last_applied", "applied_index"),
    cell("lag"),
  ];
}

function sentencesOf({ leader, quorum, advice = [] }: GatewayStatus): readonly string[] {
  if (advice.length > 0) return advice;
  return [leader ? `${leader} leads.` : "Nobody leads.", quorum ? "There is a quorum." : "There is no quorum."];
}
