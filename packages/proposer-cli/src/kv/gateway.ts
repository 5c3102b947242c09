import { type Address, formatAddress, type Problem } from "@synod/api";
import { NoAnswer } from "@synod/client";
import type { Options } from "yargs";
import { runningNode } from "../cluster/node-process.js";
import { refuseOtherApplication } from "../cluster/other-application.js";
import { CLUSTER_OPTIONS, type ClusterSettings, clusterIfAny } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { type Call, exchange, problemIn, type Reply } from "../http-exchange.js";
import { readSecret } from "../pool-settings.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { duration, servers } from "../terminal/option-values.js";
import type { Terminal } from "../terminal/terminal.js";

/** The options that say which store a command speaks to. */
export const GATEWAY_OPTIONS = {
  gateway: {
    type: "string",
    describe:
      "Where the gateway is, host:port; several are tried in turn (SYNOD_GATEWAY; default: that of the cluster in this " +
      "home, else 127.0.0.1:8000)",
    coerce: servers("--gateway"),
  },
  timeout: {
    type: "string",
    default: "10s",
    describe: "How long the store may take to answer: 500ms, 2s (a bare number is milliseconds)",
    coerce: duration("--timeout"),
  },
  ...CLUSTER_OPTIONS,
} as const satisfies Record<string, Options>;

const DEFAULT_GATEWAY: Address = { host: "127.0.0.1", port: 8000 };

/** The store that a command speaks to. */
export interface Gateway {
  /** In the order in which they are tried. */
  readonly addresses: readonly Address[];
  readonly secret: string | undefined;
  /** The cluster that must answer: the one that was started here, unless a gateway was named. */
  readonly clusterId: string | undefined;
}

/** There is no result; whether the store may have changed all the same, `definite` says. */
export class GatewayFailure extends CommandFailure {
  override readonly name = "GatewayFailure";
  constructor(
    exitCode: ExitCode,
    code: string,
    message: string,
    /** The request certainly had no effect. */
    readonly definite: boolean,
  ) {
    super(exitCode, code, message);
  }
}

/**
 * Finds out which store is meant: flag before environment before the cluster that was started here before the default.
 *
 * @throws {UsageError} if that is not clear
 */
export function gatewayOf(args: Arguments, terminal: Terminal): Gateway {
  const { env } = terminal;
  const secret = readSecret(args, env);
  const named =
    (args["gateway"] as Address[] | undefined) ?? servers("SYNOD_GATEWAY")(env["SYNOD_GATEWAY"] || undefined);
  if (named) return { addresses: named, secret, clusterId: undefined };
  const settings = clusterIfAny(args, terminal);
  if (settings) refuseOtherApplication(settings.topology, "key-value");
  return settings ? gatewayOfCluster(settings) : { addresses: [DEFAULT_GATEWAY], secret, clusterId: undefined };
}

/** The gateways of a cluster, those of nodes that run first. @throws {UsageError} if it has none */
export function gatewayOfCluster(settings: ClusterSettings): Gateway {
  const all = serversOf(settings.topology, "gateway");
  if (all.length === 0) {
    throw new UsageError(`the cluster ${settings.topology.name} has no gateway: name one with --gateway host:port`);
  }
  const isUp = (node: string) => runningNode(settings, { name: node, roles: [] }) !== null;
  const up = all.filter(({ node }) => isUp(node));
  const addresses = [...up, ...all.filter((one) => !up.includes(one))].map(({ address }) => address);
  const { secret, clusterId } = settings;
  return { addresses, secret, clusterId };
}

/** What a command asks of the store. */
export interface StoreCall extends Pick<Call, "method" | "path"> {
  readonly body?: object;
  /** Beside those that every call has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Errors that are an answer to this call: handed back, not thrown. */
  readonly expected?: readonly Problem["code"][];
  /** Whether an answer is one to this call, if not any object is: it may come from another program. */
  readonly isAnswer?: (body: Readonly<Record<string, unknown>>) => boolean;
}

/** The longest time that a gateway gives a request, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** How much longer than the gateway a command waits, in milliseconds: so that it is told what is known of the outcome. */
const LAST_WORD_MS = 1000;

/**
 * Asks for keys of the store, once: what may have had an effect is never sent again.
 *
 * @param timeoutMs how long the store may take; the gateway is told, and says in time what came of it
 * @throws {GatewayFailure} if there is no answer, or another error than those expected
 */
export function askStore(
  gateway: Gateway,
  call: StoreCall,
  timeoutMs: number,
  terminal: Terminal,
): ReturnType<typeof askGateway> {
  return askGateway(gateway, givenTime(call, Math.min(timeoutMs, LONGEST_WAIT_MS)), timeoutMs + LAST_WORD_MS, terminal);
}

function givenTime(call: StoreCall, timeout_ms: number): StoreCall {
  const { path, body } = call;
  if (body !== undefined) return { ...call, body: { ...body, timeout_ms } };
  return { ...call, path: `${path}${path.includes("?") ? "&" : "?"}timeout_ms=${timeout_ms}` };
}

/**
 * Asks a gateway, once.
 *
 * @param timeoutMs for the whole answer
 * @throws {GatewayFailure} if there is no answer, or another error than those expected
 */
export async function askGateway(
  gateway: Gateway,
  call: StoreCall,
  timeoutMs: number,
  { interrupted }: Terminal,
): Promise<Reply & { readonly problem: Problem | null }> {
  const isWrite = call.method !== undefined && call.method !== "GET";
  const { addresses, secret, clusterId } = gateway;
  const ofCluster: Record<string, string> = clusterId === undefined ? {} : { "synod-cluster": clusterId };
  const headers = { ...call.headers, ...ofCluster };
  for (const address of addresses) {
    try {
      const { method, path, body } = call;
      const asked = { ...(method ? { method } : {}), path, body, headers, timeoutMs, signal: interrupted, secret };
      return orFailure(await exchange(address, asked), call, isWrite, address);
    } catch (error) {
      interrupted.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
      // Whoever was not reached at all has done nothing: the next one may.
      if (error.reason !== "refused") throw silence(error, isWrite);
    }
  }
  throw nobodyListens(addresses);
}

function nobodyListens(addresses: readonly Address[]): GatewayFailure {
  const places = addresses.map(formatAddress).join(", ");
  const message = `no gateway listens at ${places}. To start a cluster here: synod cluster start`;
  return new GatewayFailure(ExitCode.nobodyReachable, "gateway-unreachable", message, true);
}

function silence({ message }: NoAnswer, isWrite: boolean): GatewayFailure {
  if (!isWrite) return new GatewayFailure(ExitCode.nobodyReachable, "gateway-unreachable", message, true);
  const words = `${message}: it may have been written, or not, or may still be`;
  return new GatewayFailure(ExitCode.outcomeUnknown, "outcome-unknown", words, false);
}

/** What a command ends with that was answered with this error. */
export const EXIT_CODES: Readonly<Partial<Record<Problem["code"], ExitCode>>> = {
  // What was typed is not what the store takes; the answer says what is.
  "bad-request": ExitCode.usage,
  "body-too-large": ExitCode.usage,
  "no-leader": ExitCode.noConsensus,
  "no-quorum": ExitCode.noConsensus,
  "no-learner": ExitCode.noConsensus,
  "no-work": ExitCode.noConsensus,
  "not-caught-up": ExitCode.noConsensus,
  "key-not-found": ExitCode.notFound,
  "compare-failed": ExitCode.notFound,
  "no-such-user": ExitCode.notFound,
  "no-such-recipient": ExitCode.notFound,
  "username-taken": ExitCode.notFound,
  "outcome-unknown": ExitCode.outcomeUnknown,
  "session-expired": ExitCode.outcomeUnknown,
};

/** @throws {GatewayFailure} for an error that is no answer to this call */
function orFailure(
  reply: Reply,
  { expected = [], isAnswer = () => true }: StoreCall,
  isWrite: boolean,
  address: Address,
): Reply & { readonly problem: Problem | null } {
  const problem = problemIn(reply.body);
  if (reply.status < 400) {
    const { body } = reply;
    const isObject = typeof body === "object" && body !== null;
    if (isObject && isAnswer(body as Readonly<Record<string, unknown>>)) return { ...reply, problem: null };
    throw new GatewayFailure(ExitCode.failure, "no-gateway", `${formatAddress(address)} is no gateway`, false);
  }
  if (problem && expected.includes(problem.code)) return { ...reply, problem };
  const definite = problem?.definite ?? reply.status < 500;
  const otherwise = isWrite && !definite ? ExitCode.outcomeUnknown : ExitCode.failure;
  const exitCode = (problem && EXIT_CODES[problem.code]) ?? otherwise;
  const detail = detailOf(problem) ?? `${formatAddress(address)} answers with HTTP status ${reply.status}`;
  throw new GatewayFailure(exitCode, problem?.code ?? "failure", detail, definite);
}

function detailOf(problem: Problem | null): string | undefined {
  if (problem?.code !== "not-found") return problem?.detail;
  return `${problem.detail}. Is it a key-value store? For a ledger there is synod ledger put and get, for a chat synod chat`;
}
