import type { NodeMetrics } from "@synod/acceptor-server";
import { Chat, type ChatChange, type ChatOperation } from "@synod/state-machines";
import type { ApplicationStatus, LearnerApplication, LearnerContext } from "../application.js";
import { ReplicatedMachine } from "../replicated-machine.js";

/** The chat as a node holds it. */
export class ChatLearner implements LearnerApplication {
  readonly state: ReplicatedMachine<Chat, ChatOperation, ChatChange>;

  constructor({ logger }: LearnerContext) {
    this.state = new ReplicatedMachine({
      machine: () => new Chat(),
      applied: () => {},
      restored: () => {},
      logger,
    });
  }

  get chat(): Chat {
    return this.state.machine;
  }

  addRoutes(): void {}

  addGauges(metrics: NodeMetrics): void {
    metrics.gauge("synod_chat_accounts", "Accounts that are there", () => this.chat.counts.accounts);
    metrics.gauge("synod_chat_messages", "Messages that are there", () => this.chat.counts.messages);
    metrics.gauge("synod_chat_logins", "Logins that have not ended", () => this.chat.counts.logins);
  }

  status(): ApplicationStatus {
    return { keys: this.chat.counts.accounts, compacted_through: 0, subscriptions: 0 };
  }

  async close(): Promise<void> {}
}
