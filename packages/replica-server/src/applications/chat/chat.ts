import { invariant } from "@synod/consensus";
import type { GatewayHost } from "../../people/log-calls.js";
import type { RoleContext } from "../../roles/role-context.js";
import type { Application, LearnerContext } from "../application.js";
import { ChatGateway } from "./chat-gateway.js";
import { ChatLearner } from "./chat-learner.js";

/**
 * A chat: accounts, and conversations between two. Each node applies the log and answers people in one process: whoever is
 * connected to a node is told what is new by that node, as it comes.
 */
export function chat(): Application {
  let here: ChatLearner | null = null;
  return {
    learner(context: LearnerContext): ChatLearner {
      here = new ChatLearner(context);
      return here;
    },
    gateway(context: RoleContext, host: GatewayHost): ChatGateway {
      invariant(here !== null, "each node of a chat applies the log, and begins to before its gateway");
      return new ChatGateway(context, host, here);
    },
  };
}
