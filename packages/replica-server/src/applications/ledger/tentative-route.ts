import { type App, RequestRefused } from "@synod/acceptor-server";
import type { TentativeReply } from "@synod/api";
import { EmptyQuery, ProblemSchema, TentativeReplySchema } from "@synod/api/schemas";
import type { LogMessage } from "@synod/consensus";
import { parseEnvelope, parseLedgerCommand, requestIdOf } from "@synod/state-machines";
import type { LedgerLearner } from "./ledger-learner.js";

type Entry = TentativeReply["entries"][number];

/** Slots in one answer: a leader has fewer under way. */
const MOST_SLOTS = 1000;

/**
 * What this server's acceptor accepted and what may still come to nothing.
 *
 * @param askAcceptor asks the acceptor of this very process
 */
export function addTentativeRoute(
  app: App,
  here: LedgerLearner,
  askAcceptor: (message: LogMessage) => Promise<LogMessage>,
): void {
  app.route({
    method: "GET",
    url: "/ledger/tentative",
    schema: {
      summary:
        "What this server's acceptor accepted beyond what its learner knows to be decided: it may come to nothing",
      querystring: EmptyQuery,
      response: { 200: TentativeReplySchema, default: ProblemSchema },
    },
    handler: async (): Promise<TentativeReply> => {
      const from = here.progress.decidedThrough + 1;
      const reply = await askAcceptor({ type: "read-log", from, limit: MOST_SLOTS });
      if (reply.type !== "log") throw new RequestRefused("internal", `the acceptor answered with ${reply.type}`);
      const entries = reply.page.entries.filter(({ decided }) => decided !== true);
      const { difficulty } = here.ledger;
      return {
        entries: entries.map(({ instance, acceptedId, acceptedValue }) => {
          return { slot: instance, proposalId: acceptedId, ...commandIn(acceptedValue, difficulty) };
        }),
      };
    },
  });
}

function commandIn(value: string | null, difficulty: number): Omit<Entry, "slot" | "proposalId"> {
  const envelope = value === null ? null : parseEnvelope(value);
  const command = envelope?.kind === "command" ? parseLedgerCommand(envelope.operation, difficulty) : null;
  if (envelope?.kind !== "command" || command === null) {
    return { requestId: null, operation: null, proposer: null, nonce: null };
  }
  const { operation, proposer, nonce } = command;
  return { requestId: requestIdOf(envelope), operation, proposer, nonce };
}
