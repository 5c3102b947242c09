import type { App } from "@synod/acceptor-server";
import type { ChatConversationReply, ChatConversationsReply, ChatUnreadReply } from "@synod/api";
import {
  ChatPageQuery,
  ConversationReplySchema,
  ConversationsReplySchema,
  ProblemSchema,
  UnreadQuery,
  UnreadReplySchema,
  UserParameters,
} from "@synod/api/schemas";
import type { ChatRoutes } from "./chat-routes.js";
import { howToAsk, named } from "./how.js";
import { loginOf } from "./login-token.js";

/** What one has been told: nothing here marks it as read. */
export function addConversationRoutes(app: App, { service }: ChatRoutes): void {
  app.route({
    method: "GET",
    url: "/chat/conversations",
    schema: {
      summary: "One's conversations, the one with the newest message first, a page at a time",
      querystring: ChatPageQuery,
      response: { 200: ConversationsReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query }): Promise<ChatConversationsReply> => {
      const { before, limit } = query;
      const asked = { type: "conversations", token: loginOf(headers), ...named({}, { before, limit }) } as const;
      const answer = await service.ask(asked, howToAsk(query));
      return { ...answer, conversations: [...answer.conversations] };
    },
  });

  app.route({
    method: "GET",
    url: "/chat/conversations/:user",
    schema: {
      summary: "The last messages with somebody, or those before one of them, the oldest first",
      params: UserParameters,
      querystring: ChatPageQuery,
      response: { 200: ConversationReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, params: { user }, query }): Promise<ChatConversationReply> => {
      const { before, limit } = query;
      const asked = {
        type: "conversation",
        token: loginOf(headers),
        with: user,
        ...named({}, { before, limit }),
      } as const;
      const { messages, next } = await service.ask(asked, howToAsk(query, user));
      return { messages: [...messages], next };
    },
  });

  app.route({
    method: "GET",
    url: "/chat/unread",
    schema: {
      summary: "What one has not read, the oldest first, of one sender or of all, a page at a time",
      querystring: UnreadQuery,
      response: { 200: UnreadReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, query }): Promise<ChatUnreadReply> => {
      const { from, after, limit } = query;
      const asked = { type: "unread", token: loginOf(headers), ...named({ from }, { after, limit }) } as const;
      const how = howToAsk(query, from);
      const answer = await service.ask(asked, how);
      return { ...answer, messages: [...answer.messages] };
    },
  });
}
