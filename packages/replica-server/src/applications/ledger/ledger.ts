import type { Topology } from "@synod/api";
import { invariant } from "@synod/consensus";
import type { GatewayHost } from "../../people/log-calls.js";
import type { RoleContext } from "../../roles/role-context.js";
import type { Application, LearnerContext } from "../application.js";
import { LedgerGateway } from "./ledger-gateway.js";
import { LedgerLearner } from "./ledger-learner.js";

/**
 * A chain of blocks, and the map that it spells. Each server is a learner and a gateway in one process: what a gateway
 * tells of the chain is its own server's, so that people can compare servers.
 */
export function ledger({ difficulty = 0 }: Topology): Application {
  let here: LedgerLearner | null = null;
  return {
    learner(context: LearnerContext): LedgerLearner {
      here = new LedgerLearner(context, difficulty);
      return here;
    },
    gateway(_context: RoleContext, host: GatewayHost): LedgerGateway {
      invariant(here !== null, "each server of a ledger is a learner, which starts before its gateway");
      return new LedgerGateway(host, here);
    },
  };
}
