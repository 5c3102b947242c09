import { type Address, type ChainReply, formatAddress, type LedgerMapReply } from "@synod/api";
import { answerStream, NoAnswer, ProblemAnswer } from "@synod/client";
import type { LedgerMapPage } from "@synod/state-machines";
import { exchange, problemIn } from "../http-exchange.js";
import type { LedgerServers } from "../ledger/ledger-servers.js";
import { allPages } from "./map-pages.js";
import { recordLines } from "./record-lines.js";
import type { ChainSource } from "./source.js";

/** Entries of the map that are asked for at once. */
const PAGE_ENTRIES = 10_000;

/** What a server gives its blocks as, and what another program is not. */
const RECORDS = { mediaType: "application/x-ndjson", otherwise: "is no server of a ledger" } as const;

/** What is asked of one server, whoever asks. */
export interface ServerCall {
  readonly servers: LedgerServers;
  /** How long it may take to answer, and say nothing in the midst of it, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The chain of a server that runs. @throws {NoAnswer | ProblemAnswer} if it does not answer as one of a ledger */
export async function serverSource(address: Address, call: ServerCall): Promise<ChainSource> {
  const { server, difficulty } = await askServer<ChainReply>(address, "/ledger/chain", call);
  const { servers, timeoutMs, signal } = call;
  const streaming = { headers: headersOf(servers), signal, idleTimeoutMs: timeoutMs, ...RECORDS };
  return {
    name: server,
    place: `http://${formatAddress(address)}`,
    difficulty,
    height: async () => (await askServer<ChainReply>(address, "/ledger/chain", call)).height,
    lines: (from, limit) => {
      const path = `/ledger/records?from=${from}${limit === undefined ? "" : `&limit=${limit}`}`;
      return recordLines(answerStream(address, path, streaming));
    },
    pages: () => allPages((after) => askPage(address, after, call)),
    isLive: true,
    unfinished: { isProblem: true, what: "its record has no end" },
  };
}

async function askPage(address: Address, after: string, call: ServerCall): Promise<LedgerMapPage> {
  const behind = after === "" ? "" : `&after=${encodeURIComponent(after)}`;
  const path = `/ledger/map?limit=${PAGE_ENTRIES}${behind}`;
  // What a key and a value are is any JSON, for both.
  return (await askServer<LedgerMapReply>(address, path, call)) as LedgerMapPage;
}

/** @throws {NoAnswer | ProblemAnswer} if there is no answer, or an error */
export async function askServer<Body>(
  address: Address,
  path: string,
  { servers, timeoutMs, signal }: ServerCall,
): Promise<Body> {
  const { status, body } = await exchange(address, {
    ...{ path, timeoutMs, signal, secret: servers.secret },
    headers: servers.clusterId === undefined ? {} : { "synod-cluster": servers.clusterId },
  });
  const problem = problemIn(body);
  if (problem) throw new ProblemAnswer(problem);
  if (status === 200 && typeof body === "object" && body !== null) return body as Body;
  throw new NoAnswer("no-acceptor", `what listens at ${formatAddress(address)} ${RECORDS.otherwise}`);
}

function headersOf({ secret, clusterId }: LedgerServers): Record<string, string> {
  return {
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    ...(clusterId === undefined ? {} : { "synod-cluster": clusterId }),
  };
}
