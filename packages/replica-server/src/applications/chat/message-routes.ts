import { type App, RequestRefused } from "@synod/acceptor-server";
import type { ChatDeleteReply, ChatMarkReadReply, ChatSendReply } from "@synod/api";
import {
  DeleteMessagesReplySchema,
  EmptyQuery,
  LONGEST_CHAT_BODY,
  MarkReadReplySchema,
  MessageIdsBody,
  ProblemSchema,
  SendBody,
  SendReplySchema,
} from "@synod/api/schemas";
import { isMessageText, MOST_TEXT_CHARACTERS } from "@synod/state-machines";
import type { ChatRoutes } from "./chat-routes.js";
import { howToAct } from "./how.js";
import { loginOf } from "./login-token.js";

/** What is done with messages: sending, marking as read, deleting. */
export function addMessageRoutes(app: App, { service }: ChatRoutes): void {
  app.route({
    method: "POST",
    url: "/chat/messages",
    bodyLimit: LONGEST_CHAT_BODY,
    schema: {
      summary: "Send a message, and answer once a node has applied it",
      querystring: EmptyQuery,
      body: SendBody,
      response: { 200: SendReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body }): Promise<ChatSendReply> => {
      const { to } = body;
      const operation = {
        type: "send",
        token: loginOf(headers),
        to,
        text: checkedText(body.text),
        time: Date.now(),
      } as const;
      const how = howToAct(body, to);
      const { result, slot, cost } = await service.act(operation, how);
      return { message: result.message, slot, cost };
    },
  });

  app.route({
    method: "POST",
    url: "/chat/read",
    schema: {
      summary: "Mark messages to oneself as read; those that are not, or not there, are passed over",
      querystring: EmptyQuery,
      body: MessageIdsBody,
      response: { 200: MarkReadReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body }): Promise<ChatMarkReadReply> => {
      const how = howToAct(body);
      const { result, slot, cost } = await service.act(
        { type: "mark-read", token: loginOf(headers), ids: body.ids },
        how,
      );
      return { count: result.count, unread: result.unread, slot, cost };
    },
  });

  app.route({
    method: "POST",
    url: "/chat/delete",
    schema: {
      summary: "Delete messages of one's own conversations, for both sides; others are passed over",
      querystring: EmptyQuery,
      body: MessageIdsBody,
      response: { 200: DeleteMessagesReplySchema, default: ProblemSchema },
    },
    handler: async ({ headers, body }): Promise<ChatDeleteReply> => {
      const how = howToAct(body);
      const { result, slot, cost } = await service.act(
        { type: "delete-messages", token: loginOf(headers), ids: body.ids },
        how,
      );
      return { count: result.count, slot, cost };
    },
  });
}

/** @throws {RequestRefused} `bad-request` for what the replicas would not understand, before it costs a slot */
function checkedText(text: string): string {
  const { length } = text;
  if (!text.isWellFormed()) {
    throw new RequestRefused("bad-request", "body/text has half a surrogate pair: it must be well-formed Unicode");
  }
  if (isMessageText(text)) return text;
  const counted = `${length} characters, as UTF-16 counts them (an emoji is two or more)`;
  throw new RequestRefused("bad-request", `body/text has ${counted}; at most ${MOST_TEXT_CHARACTERS} are`);
}
