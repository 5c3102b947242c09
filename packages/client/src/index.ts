export { AcceptorClient, type AcceptorClientOptions, type CallOptions } from "./acceptor-client.js";
export { type AnswerStreamOptions, answerStream } from "./answer-stream.js";
export * from "./chat.js";
export { NoAnswer, type NoAnswerReason, ProblemAnswer } from "./errors.js";
export { endOfExchange } from "./exchange-end.js";
export * from "./key-value.js";
export * from "./ledger.js";
export { nodeHttpTransport } from "./node-http-transport.js";
export { isProblem } from "./reply-form.js";
export {
  LONGEST_ANSWER,
  type Transport,
  type TransportAnswer,
  type TransportFactory,
  type TransportRequest,
} from "./transport.js";
export { undiciTransport } from "./undici-transport.js";
