import type { Admission, App } from "@synod/acceptor-server";
import type { GatewayHost } from "../../people/log-calls.js";
import type { RoleContext } from "../../roles/role-context.js";
import type { GatewayApplication } from "../application.js";
import type { ChatLearner } from "./chat-learner.js";
import { addChatRoutes } from "./chat-routes.js";
import { ChatService } from "./chat-service.js";
import { addChatEventRoute } from "./event-route.js";
import { Passwords } from "./passwords.js";

/** The chat at a gateway. */
export class ChatGateway implements GatewayApplication {
  readonly #service: ChatService;
  readonly #passwords: Passwords;
  readonly #here: ChatLearner;

  constructor({ tuning }: RoleContext, host: GatewayHost, here: ChatLearner) {
    this.#service = new ChatService(host);
    this.#passwords = new Passwords(tuning.chat?.passwords);
    this.#here = here;
  }

  /** As the node's own status says it. */
  get subscriptions(): number {
    return this.#here.streams;
  }

  addRoutes(app: App, admission: Admission): void {
    addChatRoutes(app, { service: this.#service, passwords: this.#passwords }, admission);
    addChatEventRoute(app, this.#here);
  }

  stop(): void {
    this.#passwords.close();
  }

  async close(): Promise<void> {}
}
