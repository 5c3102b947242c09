import type { App } from "@synod/acceptor-server";
import type { ChatLogInReply, ChatLoginReply, ChatUserReply } from "@synod/api";
import {
  AccountQuery,
  EmptyQuery,
  InMyNameBody,
  LogInBody,
  LogInReplySchema,
  LoginReplySchema,
  ProblemSchema,
  UserReplySchema,
} from "@synod/api/schemas";
import { countdown, timeoutMs } from "../../people/time-out.js";
import type { ChatRoutes } from "./chat-routes.js";
import { howToAct, howToAsk } from "./how.js";
import { digestOf, loginOf, newToken } from "./login-token.js";
import { refusedBy } from "./refused.js";

/** Logging in, and out. */
export function addLoginRoutes(app: App, { service, passwords }: ChatRoutes): void {
  app.route({
    method: "POST",
    url: "/chat/logins",
    schema: {
      summary: "Log in. With a token of one's own the request may be sent again: it is one login",
      querystring: EmptyQuery,
      body: LogInBody,
      response: { 200: LogInReplySchema, default: ProblemSchema },
    },
    handler: async ({ body, raw }): Promise<ChatLogInReply> => {
      const { user, password, token = newToken() } = body;
      const left = countdown(timeoutMs(body.timeout_ms));
      const found = await service.ask({ type: "credential", user }, { timeoutMs: left() });
      if (found === null) throw refusedBy("no-such-user", user);
      const patience = { withinMs: left(), isWanted: () => !raw.socket.destroyed };
      if (!(await passwords.matches(password, found.password, patience))) throw refusedBy("incorrect-password", user);
      const operation = { type: "log-in", user, credential: found.credential, token: digestOf(token) } as const;
      const { result, slot, cost } = await service.act(operation, { session: null, timeoutMs: left(), user });
      return { user, token, unread: result.unread, slot, cost };
    },
  });

  app.route({
    method: "GET",
    url: "/chat/login",
    schema: {
      summary: "Who is logged in with this token, and how much they have not read",
      querystring: AccountQuery,
      response: { 200: LoginReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query }): Promise<ChatLoginReply> => {
      return await service.ask({ type: "login", token: loginOf(headers) }, howToAsk(query));
    },
  });

  app.route({
    method: "POST",
    url: "/chat/logout",
    schema: {
      summary: "End this login, and the streams that it opened, at all nodes",
      querystring: EmptyQuery,
      body: InMyNameBody,
      response: { 200: UserReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body }): Promise<ChatUserReply> => {
      const how = howToAct(body);
      const { result, slot, cost } = await service.act({ type: "log-out", token: loginOf(headers) }, how);
      return { user: result.user, slot, cost };
    },
  });
}
