import type { Admission, App } from "@synod/acceptor-server";
import type { GatewayHost } from "../../people/log-calls.js";
import type { RoleContext } from "../../roles/role-context.js";
import type { GatewayApplication } from "../application.js";
import type { ChatLearner } from "./chat-learner.js";
import { addChatRoutes } from "./chat-routes.js";
import { ChatService } from "./chat-service.js";
import { Passwords } from "./passwords.js";

/** The chat at a gateway. */
export class ChatGateway implements GatewayApplication {
  readonly subscriptions = 0;
  readonly #service: ChatService;
  readonly #passwords: Passwords;
  readonly #here: ChatLearner;

  constructor({ tuning }: RoleContext, host: GatewayHost, here: ChatLearner) {
    this.#service = new ChatService(host);
    this.#passwords = new Passwords(tuning.passwords);
    this.#here = here;
  }

  addRoutes(app: App, admission: Admission): void {
    void this.#here;
    addChatRoutes(app, { service: this.#service, passwords: this.#passwords }, admission);
  }

  stop(): void {
    this.#passwords.close();
  }

  async close(): Promise<void> {}
}
