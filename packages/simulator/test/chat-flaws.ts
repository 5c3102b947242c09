import { CHAT_ALWAYS } from "../src/chat/properties.ts";

/** What people see of a chat by themselves, without a look at the log under it. */
export const SEEN_IN_THE_CHAT = CHAT_ALWAYS.map(({ name }) => name);
