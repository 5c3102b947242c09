import { type Input, type LogMessage, ready } from "@synod/consensus";
import type { GatewayReply, GatewayRequest } from "@synod/state-machines";
import type { GatewayPart } from "./parts.js";

type Step = ReturnType<GatewayPart["step"]>;

/** Submissions of one life; those of another one have other numbers. */
const SUBMISSIONS_A_LIFE = 1_000_000;

/** In the place of the slot that opened a session: whoever plans requests cannot know it. */
export const OPENED_AT_UNKNOWN = 1;

/**
 * A gateway with what is around it in a server. Its connections end when it does: no answer to an earlier life arrives.
 * And those of its clients that number their commands themselves put into each which slot opened their session, and ask
 * for nothing as long as they do not know it.
 */
export class NumberingClient implements GatewayPart {
  readonly #gateway: GatewayPart;
  readonly #life: number;
  /** Openings under way, and whose they are. */
  readonly #openings = new Map<string, string>();
  readonly #openedAt = new Map<string, number>();

  /** @param life a number that no other life has */
  constructor(gateway: GatewayPart, life: number) {
    this.#gateway = gateway;
    this.#life = life;
  }

  get state(): unknown {
    return this.#gateway.state;
  }

  step(input: Input<LogMessage, GatewayRequest>): Step {
    const heard = this.#heard(input);
    if (heard === null) return ready({});
    const step = this.#gateway.step(heard);
    for (const { requestId, reply } of step.replies) this.#came(requestId, reply);
    return { ...step, messages: step.messages.map((one) => ({ ...one, message: this.#asked(one.message) })) };
  }

  /** What the gateway hears of it; null: nothing. */
  #heard(input: Input<LogMessage, GatewayRequest>): Input<LogMessage, GatewayRequest> | null {
    if (input.kind === "timeout" || input.kind === "durable") return input;
    if (input.kind === "propose") {
      const command = this.#number(input.requestId, input.command);
      return command && { ...input, command };
    }
    const message = this.#answer(input.message);
    return message && { ...input, message };
  }

  /** Says in whose life it is asked. */
  #asked(message: LogMessage): LogMessage {
    if (message.type === "submit") {
      return { ...message, submission: this.#life * SUBMISSIONS_A_LIFE + message.submission };
    }
    if (message.type !== "read-barrier" && message.type !== "query") return message;
    return { ...message, requestId: `${this.#life} ${message.requestId}` };
  }

  /** An answer to this life; null: to another one. */
  #answer(message: LogMessage): LogMessage | null {
    if (message.type === "submitted") {
      const submission = message.submission - this.#life * SUBMISSIONS_A_LIFE;
      return submission > 0 && submission < SUBMISSIONS_A_LIFE ? { ...message, submission } : null;
    }
    if (!("requestId" in message)) return message;
    const [life, requestId = ""] = message.requestId.split(" ");
    return life === `${this.#life}` ? { ...message, requestId } : null;
  }

  #number(requestId: string, request: GatewayRequest): GatewayRequest | null {
    if (request.kind === "open-session") this.#openings.set(requestId, request.client);
    if (request.kind !== "write" || request.session === null) return request;
    const openedAt = this.#openedAt.get(request.session.client);
    return openedAt === undefined ? null : { ...request, session: { ...request.session, openedAt } };
  }

  #came(requestId: string, reply: GatewayReply): void {
    const client = this.#openings.get(requestId);
    if (client === undefined || reply.kind !== "written") return;
    const { openedAt } = reply.result as { readonly openedAt: number };
    if (!this.#openedAt.has(client)) this.#openedAt.set(client, openedAt);
  }
}
