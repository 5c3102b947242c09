import type { Service } from "../multipaxos/service.js";
import { ChatAsking } from "./chat-asking.js";
import { ChatModel } from "./chat-model.js";

/** A chat, as people use it in a simulation. */
export const CHAT_SERVICE: Service = {
  asking: (random) => new ChatAsking(random),
  model: () => new ChatModel(),
};
