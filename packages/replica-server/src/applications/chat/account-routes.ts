import { type App, RequestRefused } from "@synod/acceptor-server";
import type { ChatAccountReply, ChatAccountsReply, ChatUserReply } from "@synod/api";
import {
  AccountQuery,
  AccountReplySchema,
  AccountsQuery,
  AccountsReplySchema,
  CreateAccountBody,
  EmptyQuery,
  InMyNameBody,
  ProblemSchema,
  SetPasswordBody,
  UserParameters,
  UserReplySchema,
} from "@synod/api/schemas";
import type { SessionPosition } from "@synod/state-machines";
import { checkedSession } from "../../people/session-position.js";
import { countdown, timeoutMs } from "../../people/time-out.js";
import type { ChatRoutes } from "./chat-routes.js";
import type { HowToAsk } from "./chat-service.js";
import { howToAct, howToAsk, named } from "./how.js";
import { loginOf } from "./login-token.js";
import type { Patience } from "./passwords.js";
import { refusedBy } from "./refused.js";

/** Accounts: who there is, making one, changing its password, deleting it. */
export function addAccountRoutes(app: App, routes: ChatRoutes): void {
  addLooks(app, routes);
  addCreation(app, routes);
  addPasswordChange(app, routes);

  app.route({
    method: "POST",
    url: "/chat/account/delete",
    schema: {
      summary: "Delete one's account, and every conversation of it, for both sides",
      querystring: EmptyQuery,
      body: InMyNameBody,
      response: { 200: UserReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body }): Promise<ChatUserReply> => {
      const operation = { type: "delete-account", token: loginOf(headers) } as const;
      const how = howToAct(body);
      const { result, slot, cost } = await routes.service.act(operation, how);
      return { user: result.user, slot, cost };
    },
  });
}

function addLooks(app: App, { service }: ChatRoutes): void {
  app.route({
    method: "GET",
    url: "/chat/accounts/:user",
    schema: {
      summary: "Whether there is an account of this name, for whoever looks for one; nobody need be logged in",
      params: UserParameters,
      querystring: AccountQuery,
      response: { 200: AccountReplySchema, default: ProblemSchema },
    },
    handler: async ({ params: { user }, query }): Promise<ChatAccountReply> => {
      return await service.ask({ type: "account", user }, howToAsk(query));
    },
  });

  app.route({
    method: "GET",
    url: "/chat/accounts",
    schema: {
      summary: "Names of accounts in their order, those that match a glob, a page at a time",
      querystring: AccountsQuery,
      response: { 200: AccountsReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query }): Promise<ChatAccountsReply> => {
      const token = loginOf(headers);
      const { pattern, after, limit } = query;
      const { users, next } = await service.ask(
        { type: "accounts", token, ...named({ pattern, after }, { limit }) },
        howToAsk(query),
      );
      return { users: [...users], next };
    },
  });
}

function addCreation(app: App, { service, passwords }: ChatRoutes): void {
  app.route({
    method: "POST",
    url: "/chat/accounts",
    schema: {
      summary: "Make an account; the log has a salted hash of its password (scrypt), and no more",
      querystring: EmptyQuery,
      body: CreateAccountBody,
      response: { 200: UserReplySchema, default: ProblemSchema },
    },
    handler: async ({ body, raw }): Promise<ChatUserReply> => {
      const { user } = body;
      const session = checkedSession(body.session);
      const chosen = checkedPassword("password", body.password);
      const left = countdown(timeoutMs(body.timeout_ms));
      // Spares the work. In a session the log must be asked: it may be this very request that took the name.
      if (session === null && (await service.ask({ type: "account", user }, { timeoutMs: left() })).exists) {
        throw refusedBy("username-taken", user);
      }
      const password = await passwords.hash(chosen, { withinMs: left(), isWanted: () => !raw.socket.destroyed });
      const operation = { type: "create-account", user, password, time: Date.now() } as const;
      const { slot, cost } = await service.act(operation, { session, timeoutMs: left(), user });
      return { user, slot, cost };
    },
  });
}

function addPasswordChange(app: App, routes: ChatRoutes): void {
  app.route({
    method: "POST",
    url: "/chat/password",
    schema: {
      summary: "Change one's password; all other logins of the account end",
      querystring: EmptyQuery,
      body: SetPasswordBody,
      response: { 200: UserReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body, raw }): Promise<ChatUserReply> => {
      const token = loginOf(headers);
      const session = checkedSession(body.session);
      const chosen = checkedPassword("new_password", body.new_password);
      const left = countdown(timeoutMs(body.timeout_ms));
      const isWanted = () => !raw.socket.destroyed;
      const { user } = await routes.service.ask({ type: "login", token }, { timeoutMs: left() });
      const patience = () => ({ withinMs: left(), isWanted, timeoutMs: left(), user });
      const credential = await credentialFor(routes, body.password, session, patience());
      const password = await routes.passwords.hash(chosen, patience());
      const operation = { type: "set-password", token, credential, password } as const;
      const { slot, cost } = await routes.service.act(operation, { session, timeoutMs: left(), user });
      return { user, slot, cost };
    },
  });
}

/** No slot gets there: the log refuses what names it, unless it is a request that was carried out before. */
const NO_CREDENTIAL = Number.MAX_SAFE_INTEGER;

/**
 * What the log is to be told of this password: by which slot it was set.
 *
 * @throws {RequestRefused} `incorrect-password` if it is not that of the user. In a session the log must say so: it may be
 *   this very request that changed it
 */
async function credentialFor(
  { service, passwords }: ChatRoutes,
  password: string,
  session: SessionPosition | null,
  how: HowToAsk & Patience & { readonly user: string },
): Promise<number> {
  const { user } = how;
  const found = await service.ask({ type: "credential", user }, how);
  if (found && (await passwords.matches(password, found.password, how))) return found.credential;
  if (session === null) throw refusedBy("incorrect-password", user);
  return NO_CREDENTIAL;
}

/** @throws {RequestRefused} `bad-request` for a text that bytes cannot say: others would be taken for it */
function checkedPassword(name: string, password: string): string {
  if (password.isWellFormed()) return password;
  throw new RequestRefused("bad-request", `body/${name} has half a surrogate pair: it must be well-formed Unicode`);
}
