export { AcceptorClient, type AcceptorClientOptions, type CallOptions } from "./acceptor-client.js";
export { NoAnswer, type NoAnswerReason, ProblemAnswer } from "./errors.js";
