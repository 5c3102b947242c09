import type { App, NodeMetrics } from "@synod/acceptor-server";
import { invariant } from "@synod/consensus";
import { Chat, type ChatChange, type ChatOperation } from "@synod/state-machines";
import type { FastifyReply } from "fastify";
import type { ApplicationStatus, LearnerApplication, LearnerContext, LearnerStand } from "../application.js";
import { ReplicatedMachine } from "../replicated-machine.js";
import { ChatService } from "./chat-service.js";
import { type ChatHere, ChatStreams, type OpenRequest } from "./chat-streams.js";

/** The chat as a node holds it. */
export class ChatLearner implements LearnerApplication {
  readonly state: ReplicatedMachine<Chat, ChatOperation, ChatChange>;
  readonly #streams: ChatStreams;
  #here: ChatHere | null = null;

  constructor({ faults, logger, tuning }: LearnerContext) {
    this.#streams = new ChatStreams(tuning, faults);
    this.state = new ReplicatedMachine({
      machine: () => new Chat(),
      applied: (slot, changes) => this.#streams.push(slot, changes),
      restored: (_chat, through) => this.#streams.restart(through),
      logger,
    });
  }

  get chat(): Chat {
    return this.state.machine;
  }

  /** Streams of what is new that are open here. */
  get streams(): number {
    return this.#streams.count;
  }

  /** Answers with a stream. @throws as `ChatStreams.open` */
  openStream(reply: FastifyReply, request: OpenRequest): Promise<void> {
    invariant(this.#here !== null, "nobody is answered before the routes are there");
    return this.#streams.open(reply, this.#here, request);
  }

  addRoutes(_app: App, { host, progress }: LearnerStand): void {
    this.#here = {
      chat: () => this.chat,
      appliedThrough: () => progress().appliedThrough,
      service: new ChatService(host),
    };
  }

  addGauges(metrics: NodeMetrics): void {
    metrics.gauge("synod_chat_accounts", "Accounts that are there", () => this.chat.counts.accounts);
    metrics.gauge("synod_chat_messages", "Messages that are there", () => this.chat.counts.messages);
    metrics.gauge("synod_chat_logins", "Logins that have not ended", () => this.chat.counts.logins);
    metrics.gauge("synod_chat_streams", "Streams of what is new that are open", () => this.streams);
  }

  status(): ApplicationStatus {
    const { accounts, messages } = this.chat.counts;
    return { accounts, messages, compacted_through: this.#streams.compactedThrough, subscriptions: this.streams };
  }

  async close(): Promise<void> {
    this.#streams.close();
  }
}
