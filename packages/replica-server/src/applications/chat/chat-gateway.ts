import type { Admission, App } from "@synod/acceptor-server";
import { type GatewayHost, LogCalls } from "../../people/log-calls.js";
import type { GatewayApplication } from "../application.js";
import type { ChatLearner } from "./chat-learner.js";

/** The chat at a gateway. */
export class ChatGateway implements GatewayApplication {
  readonly subscriptions = 0;
  readonly #calls: LogCalls;
  readonly #here: ChatLearner;

  constructor(host: GatewayHost, here: ChatLearner) {
    this.#calls = new LogCalls(host, "Read the conversation to see");
    this.#here = here;
  }

  addRoutes(_app: App, _admission: Admission): void {
    void this.#calls;
    void this.#here;
  }

  stop(): void {}

  async close(): Promise<void> {}
}
