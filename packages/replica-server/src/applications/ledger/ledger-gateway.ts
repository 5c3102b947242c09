import type { Admission, App } from "@synod/acceptor-server";
import { type GatewayHost, LogCalls } from "../../people/log-calls.js";
import type { GatewayApplication } from "../application.js";
import { addBlockRoutes } from "./block-routes.js";
import { addChainRoutes } from "./chain-routes.js";
import type { LedgerLearner } from "./ledger-learner.js";
import { ProofSearch } from "./proof-search.js";
import { addTentativeRoute } from "./tentative-route.js";

/** The ledger at a gateway: it adds blocks, and tells what its own server has. */
export class LedgerGateway implements GatewayApplication {
  readonly subscriptions = 0;
  readonly #calls: LogCalls;
  readonly #here: LedgerLearner;
  readonly #proofs = new ProofSearch();

  constructor(host: GatewayHost, here: LedgerLearner) {
    this.#calls = new LogCalls(host, "The chain shows it, with the name of its request");
    this.#here = here;
  }

  addRoutes(app: App, admission: Admission): void {
    const { ledger, server } = this.#here;
    const calls = this.#calls;
    addBlockRoutes(app, { calls, proofs: this.#proofs, difficulty: ledger.difficulty, proposer: server, admission });
    addChainRoutes(app, this.#here, admission);
    addTentativeRoute(app, this.#here);
  }

  stop(): void {
    this.#proofs.close();
  }

  async close(): Promise<void> {}
}
