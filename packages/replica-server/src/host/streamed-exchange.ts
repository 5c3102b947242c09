import type { NodeFaults } from "@synod/acceptor-server";
import type { LogMessage } from "@synod/consensus";
import { encodedOnce } from "./encoded-once.js";
import type { MessageStream } from "./message-stream.js";
import type { Exchange } from "./peer-connection.js";
import { agreedReply, timeFor } from "./role-exchange.js";

export interface StreamedExchangeOptions {
  readonly stream: MessageStream;
  /** The way by HTTP, for everything that the stream does not carry. */
  readonly byHttp: Exchange;
  /** The name of the role that answers. */
  readonly name: string;
  readonly timeoutMs: number;
  /** The faults of this process: what they may befall goes by HTTP. */
  readonly faults: NodeFaults | null;
}

/** What is sent so often that its cost counts. All else, and all of it while there is no stream, goes by HTTP. */
const STREAMED: ReadonlySet<LogMessage["type"]> = new Set([
  "accept-log",
  "learn",
  "heartbeat",
  "request-vote",
  "append-entries",
  "timeout-now",
  "submit",
  "read-barrier",
  "query",
]);

/** Messages to another node, by the cheaper way where there is one. */
export function streamedExchange({ stream, byHttp, name, timeoutMs, faults }: StreamedExchangeOptions): Exchange {
  return async (message) => {
    const isStreamed = STREAMED.has(message.type) && (faults === null || faults.isIdle) && stream.isOpen();
    if (!isStreamed) return byHttp(message);
    const reply = await stream.exchange(encodedOnce(message), timeFor(message, timeoutMs));
    if (faults?.isIdle === false) await faults.whilePaused();
    return agreedReply(name, message, reply);
  };
}
