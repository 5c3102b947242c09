import type { LogMessage, NodeId, RaftMessage, Slot } from "@synod/consensus";
import type { GatewayReply, GatewayRequest } from "@synod/state-machines";
import { canonicalText, isSame } from "../world/canonical.js";
import type { AgreedLog } from "./log-record.js";
import type { Came, Oracle } from "./oracle.js";
import type { ClientReport } from "./properties.js";

/** A request that was not answered yet. */
interface Asked {
  readonly node: NodeId;
  readonly request: GatewayRequest;
  /** The highest slot that anybody was told of by an acknowledgement or a strong read before this began. */
  readonly acknowledged: Slot | 0;
  /** The highest slot that its own session has seen before this began. */
  readonly seen: Slot | 0;
}

type Written = GatewayReply & { readonly kind: "written" };
type Read = GatewayReply & { readonly kind: "read" };

/** Watches what clients ask and are told, and holds it against a replay of the agreed log. */
export class ClientRules {
  readonly #record: AgreedLog;
  readonly #oracle: Oracle;
  readonly #open = new Map<string, Asked>();
  /** By client and label. */
  readonly #seen = new Map<string, Slot>();
  #acknowledged: Slot | 0 = 0;
  /** What was acknowledged when a client asked what a strong read must see. */
  readonly #barriers = new Map<string, Slot | 0>();
  /** The first command of what went out for each request, by its client and sequence; ... */
  readonly #commands = new Map<string, string>();
  /** ... and the commands that have a mark, by that: several that share a slot go out for one request. */
  readonly #marked = new Map<string, string>();
  readonly #refused = new Set<string>();
  /** The slot in which each command was carried out, by its client and sequence. */
  readonly #carriedOut = new Map<string, Slot>();
  /** The slot in which each value was put. */
  readonly #put = new Map<string, Slot>();
  /** Commands that were acknowledged, by client and sequence, and to which request. */
  readonly #answered = new Map<string, string>();

  constructor(record: AgreedLog, oracle: Oracle) {
    this.#record = record;
    this.#oracle = oracle;
  }

  restarted(node: NodeId): void {
    for (const [requestId, asked] of this.#open) if (asked.node === node) this.#open.delete(requestId);
    for (const session of this.#seen.keys()) if (session.startsWith(`${node} `)) this.#seen.delete(session);
  }

  requested(node: NodeId, requestId: string, request: GatewayRequest): void {
    const seen = this.#seen.get(sessionOf(node, request)) ?? 0;
    this.#open.set(requestId, { node, request, acknowledged: this.#acknowledged, seen });
  }

  sent(node: NodeId, to: NodeId, message: LogMessage | RaftMessage, report: ClientReport): void {
    switch (message.type) {
      case "submit":
        for (const { requestId, value } of message.requests) this.#submitted(requestId, value);
        return;
      case "read-barrier":
        this.#barriers.set(`${node} ${message.requestId}`, this.#acknowledged);
        return;
      case "read-barrier-passed": {
        const acknowledged = this.#barriers.get(`${to} ${message.requestId}`) ?? 0;
        if (message.slot >= acknowledged) return;
        const before = `slot ${acknowledged} had been acknowledged before ${to} asked`;
        report("strong-reads-are-current", `${node} takes slot ${message.slot} for enough, and ${before}`);
        return;
      }
    }
  }

  /** Replays what is agreed meanwhile. */
  replay(report: ClientReport): void {
    while (this.#oracle.through < this.#record.chosenThrough) {
      const slot = this.#oracle.through + 1;
      const value = this.#record.chosen(slot) ?? "";
      for (const came of this.#oracle.replay(value)) this.#came(slot, value, came, report);
    }
  }

  #came(slot: Slot, value: string, { isCarriedOut, client, sequence, mark }: Came, report: ClientReport): void {
    if (!isCarriedOut) return;
    const command = nameOf({ client, sequence });
    // What is put there is another value in each request: a request that became two commands is seen by that.
    const put = mark ?? command;
    const earlier = this.#carriedOut.get(command) ?? this.#put.get(put);
    this.#put.set(put, slot);
    if (earlier !== undefined) {
      report("applied-once", `${command} of ${value} was carried out in slot ${earlier} and again in slot ${slot}`);
    }
    this.#carriedOut.set(command, slot);
    if (!this.#refused.has(command)) return;
    report("refusals-are-definite", `${command} of ${value} was refused, and carried out in slot ${slot}`);
  }

  #submitted(requestId: string, value: string): void {
    const commands = this.#oracle.commandsIn(value);
    const [first] = commands;
    if (first) this.#commands.set(requestId, nameOf(first));
    for (const command of commands) {
      const mark = this.#oracle.markOf(command.operation);
      if (mark !== null) this.#marked.set(mark, nameOf(command));
    }
  }

  replied(requestId: string, reply: GatewayReply, report: ClientReport): void {
    const asked = this.#open.get(requestId);
    if (asked === undefined) return;
    this.#open.delete(requestId);
    this.replay(report);
    switch (reply.kind) {
      case "written":
        this.#written(requestId, asked, reply, report);
        return;
      case "read":
        this.#read(requestId, asked, reply, report);
        return;
      case "refused":
        this.#wasRefused(requestId, asked, report);
        return;
    }
  }

  #written(requestId: string, { node, request, acknowledged }: Asked, reply: Written, report: ClientReport): void {
    const { slot, result } = reply;
    this.#saw(node, request, slot);
    this.#acknowledged = Math.max(this.#acknowledged, slot);
    const came = this.#oracle.came(slot).find((one) => this.#isOf(one, request));
    if (came === undefined) {
      const instead = this.#record.chosen(slot) ?? "nothing";
      report("acknowledged-is-kept", `${requestId} was acknowledged in slot ${slot}, which holds ${instead}`);
      return;
    }
    if (!isSame(came.result, result)) {
      const ought = canonicalText(came.result);
      report(
        "acknowledged-is-kept",
        `${requestId} was told ${canonicalText(result)}, and slot ${slot} came to ${ought}`,
      );
    }
    if (request.kind === "write") this.#once(requestId, request, nameOf(came), acknowledged, report);
  }

  /** Whether this came of what was asked for. */
  #isOf({ kind, client, operation }: Came, request: GatewayRequest): boolean {
    if (request.kind === "open-session") return kind === "opened" && client === request.client;
    return request.kind === "write" && kind === "result" && this.#oracle.isAskedFor(operation, request.operation);
  }

  /** One command answers one request, and is carried out after that request began, unless its client numbers it itself. */
  #once(
    requestId: string,
    { session }: GatewayRequest & { kind: "write" },
    command: string,
    acknowledged: Slot | 0,
    report: ClientReport,
  ): void {
    if (session !== null) {
      const own = nameOf(session);
      if (own !== command) report("acknowledged-is-kept", `${requestId} is ${own}, and was acknowledged as ${command}`);
      return;
    }
    const other = this.#answered.get(command);
    if (other !== undefined) report("applied-once", `${command} was acknowledged to ${other} and to ${requestId}`);
    this.#answered.set(command, requestId);
    const slot = this.#carriedOut.get(command) ?? 0;
    if (slot > acknowledged) return;
    report(
      "acknowledged-is-kept",
      `${requestId} began when slot ${acknowledged} was known, and happened in slot ${slot}`,
    );
  }

  #read(requestId: string, { node, request, acknowledged, seen }: Asked, reply: Read, report: ClientReport): void {
    if (request.kind !== "read") return;
    const { slot, answer, learner } = reply;
    const { level, query } = request;
    if (level === "strong") {
      if (slot < acknowledged) {
        const before = `slot ${acknowledged} had been acknowledged before it began`;
        report("strong-reads-are-current", `${requestId} was answered by ${learner} as of slot ${slot}, and ${before}`);
      }
      this.#acknowledged = Math.max(this.#acknowledged, slot);
    }
    if (level === "session" && slot < seen) {
      const before = `its session had seen slot ${seen}`;
      report("session-reads-are-monotone", `${requestId} was answered by ${learner} as of slot ${slot}, and ${before}`);
    }
    if (slot > 0) this.#saw(node, request, slot);
    if (slot > this.#record.chosenThrough) {
      const only = `only ${this.#record.chosenThrough} is decided`;
      report("reads-are-true", `${requestId} was answered by ${learner} as of slot ${slot}, and ${only}`);
      return;
    }
    const ought = this.#oracle.answer(query, slot, answer);
    if (isSame(answer, ought)) return;
    const told = `${requestId} was told ${canonicalText(answer)} by ${learner} as of slot ${slot}`;
    report("reads-are-true", `${told}, and the log leads to ${canonicalText(ought)}`);
  }

  #wasRefused(requestId: string, { request }: Asked, report: ClientReport): void {
    // Another gateway may have been asked for the same command.
    if (request.kind !== "write" || request.session !== null) return;
    const mark = this.#oracle.markOf(request.operation);
    // What has no mark is known where it is the first of its slot, as nearly all are.
    const command = (mark === null ? undefined : this.#marked.get(mark)) ?? this.#commands.get(requestId);
    if (command === undefined) return;
    this.#refused.add(command);
    const slot = this.#carriedOut.get(command);
    if (slot === undefined) return;
    report("refusals-are-definite", `${requestId} was refused, and ${command} was carried out in slot ${slot}`);
  }

  #saw(node: NodeId, request: GatewayRequest, slot: Slot): void {
    const session = sessionOf(node, request);
    this.#seen.set(session, Math.max(this.#seen.get(session) ?? 0, slot));
  }
}

/** A command by its client and sequence. */
function nameOf({ client, sequence }: Pick<Came, "client" | "sequence">): string {
  return `${client} ${sequence}`;
}

function sessionOf(node: NodeId, request: GatewayRequest): string {
  return `${node} ${request.kind === "open-session" ? "" : (request.label ?? "")}`;
}
