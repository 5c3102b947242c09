import { type Input, type LogMessage, Outbox } from "@synod/consensus";
import type { GatewayReply, GatewayRequest, Json } from "@synod/state-machines";
import type { GatewayPart } from "../multipaxos/parts.js";
import { CREDENTIAL_UNKNOWN, userOfToken } from "./chat-asking.js";

type Write = GatewayRequest & { readonly kind: "write" };
type Named = { readonly user?: string; readonly token: string; readonly credential?: number };

const LOOK = "look ";

/**
 * A gateway as a chat's server has it: it looks the credential up with a strong read, compares the password with it (here
 * people know theirs), and names it in the operation.
 */
export class ChatGateway implements GatewayPart {
  readonly #gateway: GatewayPart;
  readonly #out = new Outbox<LogMessage, never, never, GatewayReply>();
  /** Writes whose credential is being looked up, by request. */
  readonly #looking = new Map<string, Write>();

  constructor(gateway: GatewayPart) {
    this.#gateway = gateway;
  }

  get state(): unknown {
    return this.#gateway.state;
  }

  step(input: Input<LogMessage, GatewayRequest>): ReturnType<GatewayPart["step"]> {
    const credential = input.kind === "propose" && input.command.kind === "write" ? named(input.command) : null;
    if (input.kind === "propose" && input.command.kind === "write" && credential?.credential === CREDENTIAL_UNKNOWN) {
      this.#look(input.requestId, input.command, credential);
    } else this.#pass(input);
    return this.#out.take();
  }

  #look(requestId: string, command: Write, { user, token }: Named): void {
    this.#looking.set(requestId, command);
    const query: Json = { type: "credential", user: user ?? userOfToken(token) };
    const { timeoutMs } = command;
    const read = { kind: "read", query, level: "strong", label: null, token: null, timeoutMs } as const;
    this.#pass({ kind: "propose", requestId: LOOK + requestId, command: read });
  }

  #pass(input: Input<LogMessage, GatewayRequest>): void {
    const { messages, timers, replies } = this.#gateway.step(input);
    for (const { to, message } of messages) this.#out.send(to, message);
    for (const { timer, afterMs } of timers) this.#out.timer(timer, afterMs);
    for (const { requestId, reply } of replies) this.#came(requestId, reply);
  }

  #came(requestId: string, reply: GatewayReply): void {
    const asked = requestId.startsWith(LOOK) ? requestId.slice(LOOK.length) : null;
    const write = asked === null ? undefined : this.#looking.get(asked);
    if (asked === null || write === undefined) {
      this.#out.reply(requestId, reply);
      return;
    }
    this.#looking.delete(asked);
    const found = reply.kind === "read" ? (reply.answer as { readonly credential: number } | null) : null;
    if (found === null) {
      // There is no such user, or nobody knows: either way nothing was written.
      this.#out.reply(asked, reply);
      return;
    }
    const operation = { ...(write.operation as object), credential: found.credential };
    this.#pass({ kind: "propose", requestId: asked, command: { ...write, operation } });
  }
}

function named({ operation }: Write): Named {
  return operation as unknown as Named;
}
