export { AcceptorHost, type AcceptorSummary, type HostObserver, type HostOptions } from "./acceptor-host.js";
export { AcceptorStore, type OpenedStore, StoreRefused } from "./acceptor-store.js";
export { type AppCluster, type AppOptions, buildApp } from "./app.js";
export { isLost, markMade } from "./made-mark.js";
export { Admission, type AdmissionLimits } from "./node/admission.js";
export { EventFeed, type SentMessage } from "./node/event-feed.js";
export { faultyTransport } from "./node/faulty-transport.js";
export type { Fate } from "./node/link-faults.js";
export { CannotStart, listen, refuseWithoutSecret } from "./node/listening.js";
export { encodeLine, LineReader, type MessageLine } from "./node/message-lines.js";
export { answerMessageStreams } from "./node/message-streams.js";
export { type App, buildNodeApp, type NodeAppCluster, type NodeAppOptions } from "./node/node-app.js";
export { type FaultRecord, NodeFaults, type NodeFaultsOptions } from "./node/node-faults.js";
export { NodeMetrics } from "./node/node-metrics.js";
export { isOwnName } from "./node/own-names.js";
export type { IdentityHeader } from "./node/problems.js";
export { NotServed, type RefusalDetails, RequestRefused } from "./node/refusals.js";
export { callerOf, headersBetweenNodes } from "./node/request-headers.js";
export type { ServiceFacts } from "./node/service-routes.js";
export type { PlainRequest } from "./node/short-way/plain-request.js";
export { ShortWay } from "./node/short-way/short-way.js";
export { type OpenStreams, type SseEvent, SseStream, type SseStreamOptions } from "./node/sse-stream.js";
export { takeTurns } from "./node/turns.js";
export { wholeNumber } from "./node/whole-number.js";
export {
  type AcceptorServer,
  type AcceptorServerOptions,
  type ClusterMembership,
  startAcceptor,
} from "./server.js";
