import type { App } from "@synod/acceptor-server";
import type { TentativeReply } from "@synod/api";
import { EmptyQuery, ProblemSchema, TentativeReplySchema } from "@synod/api/schemas";
import { parseEnvelope, parseLedgerCommand, requestIdOf } from "@synod/state-machines";
import type { LedgerLearner } from "./ledger-learner.js";

type Entry = TentativeReply["entries"][number];

/** Slots in one answer: a leader has fewer under way. */
const MOST_SLOTS = 1000;

/** What this server's log has, and what may still come to nothing. */
export function addTentativeRoute(app: App, here: LedgerLearner): void {
  app.route({
    method: "GET",
    url: "/ledger/tentative",
    schema: {
      summary: "What this server's log has beyond what it knows to be decided: it may come to nothing",
      querystring: EmptyQuery,
      response: { 200: TentativeReplySchema, default: ProblemSchema },
    },
    handler: async (): Promise<TentativeReply> => {
      const values = await here.tentative(MOST_SLOTS);
      const { difficulty } = here.ledger;
      return {
        entries: values.map(({ slot, id, value }) => ({ slot, proposalId: id, ...commandIn(value, difficulty) })),
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
