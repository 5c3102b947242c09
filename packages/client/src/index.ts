export { AcceptorClient, type AcceptorClientOptions, type CallOptions } from "./acceptor-client.js";
export { NoAnswer, type NoAnswerReason, ProblemAnswer } from "./errors.js";
export { nodeHttpTransport } from "./node-http-transport.js";
export type { Transport, TransportAnswer, TransportFactory, TransportRequest } from "./transport.js";
export { undiciTransport } from "./undici-transport.js";
