import type { Socket } from "node:net";
import { LARGE_BYTES } from "../held-bytes.js";
import { PlainRequestReader } from "./plain-request.js";
import type { ShortAnswer } from "./short-answers.js";
import type { Asked, ShortWay } from "./short-way.js";

export interface ShortConnectionEnd {
  /** It is for the app from now on. */
  readonly toApp: () => void;
  /** It is closed. */
  readonly gone: () => void;
}

/** One connection as long as it carries plain requests, one at a time. */
export class ShortConnection {
  readonly #socket: Socket;
  readonly #way: ShortWay;
  readonly #end: ShortConnectionEnd;
  readonly #reader = new PlainRequestReader();
  /** Whether a request is under way, or none may come any more. */
  #isAsked = false;
  /** When it was last answered; null before it was asked anything. */
  #answeredAt: number | null = null;

  constructor(socket: Socket, way: ShortWay, end: ShortConnectionEnd) {
    this.#socket = socket;
    this.#way = way;
    this.#end = end;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
    socket.on("close", end.gone);
  }

  /** @param keepMs how long it is kept if nothing is asked, in milliseconds */
  look(now: number, keepMs: number): void {
    if (this.#isAsked) return;
    if (this.#answeredAt === null) this.#giveToApp();
    else if (now - this.#answeredAt >= keepMs) this.#socket.destroy();
  }

  endIfIdle(): void {
    if (!this.#isAsked) this.#endSoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (piece: Buffer): void => {
    const socket = this.#socket;
    if (this.#isAsked) {
      // Who does not wait for an answer asks the app, once this one has left.
      socket.pause();
      socket.unshift(piece);
      return;
    }
    const request = this.#reader.read(piece);
    const asked = request === null || socket.writableLength > 0 ? null : this.#way.find(request);
    if (asked === null) this.#giveToApp(piece);
    else this.#ask(asked);
  };

  /** As Node does: to whoever sends no more nothing more is sent. */
  readonly #onEnd = (): void => {
    this.#socket.end();
  };

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  #ask(asked: Asked): void {
    this.#isAsked = true;
    this.#way.options.connections().asked(this.#socket);
    const { admission } = asked.route;
    if (admission.entersAtOnce()) {
      this.#carryOut(asked);
      return;
    }
    admission.lineUp({
      go: (refusal) => {
        if (refusal) this.#tell(asked, (isLast) => this.#refused(asked, refusal, isLast));
        else this.#carryOut(asked);
      },
      hasGone: () => this.#socket.destroyed,
    });
  }

  /** @param asked was let in: it leaves when it is answered, whether anybody is there to hear it or not */
  #carryOut(asked: Asked): void {
    const { route, begin } = asked;
    const since = performance.now();
    begin().then(
      (body) =>
        this.#tell(asked, (isLast, now) => {
          route.admission.leave(now - since);
          return this.#way.options.answers.of(body, isLast);
        }),
      (error) =>
        this.#tell(asked, (isLast) => {
          route.admission.leave(null);
          return this.#refused(asked, error, isLast);
        }),
    );
  }

  #refused({ request }: Asked, error: unknown, isLast: boolean): ShortAnswer {
    return this.#way.options.answers.ofError(error, request.url, isLast);
  }

  /** Answers; while a fault pauses the node that waits, as all answers do. */
  #tell(asked: Asked, answer: (isLast: boolean, now: number) => ShortAnswer): void {
    const paused = this.#way.whilePaused();
    if (paused !== null) {
      void paused.then(() => this.#tell(asked, answer));
      return;
    }
    const isLast = this.#way.isStopping;
    const now = performance.now();
    const made = answer(isLast, now);
    this.#way.leaving.add(() => this.#leave(asked, made, isLast, now));
  }

  #leave(asked: Asked, made: ShortAnswer, isLast: boolean, now: number): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    this.#way.options.onAnswered(asked.route.url, made.status);
    this.#send(made);
    // It may have begun to stop since the answer was made.
    if (isLast || this.#way.isStopping) {
      this.#endSoon();
      return;
    }
    this.#isAsked = false;
    this.#answeredAt = now;
    if (socket.isPaused()) this.#giveToApp();
  }

  /** Once what was answered has left. Nothing that arrives until then is read: it would be carried out, and not answered. */
  #endSoon(): void {
    this.#isAsked = true;
    this.#socket.destroySoon();
  }

  #send({ text, encoding, bodyLength }: ShortAnswer): void {
    const socket = this.#socket;
    if (bodyLength < LARGE_BYTES) {
      socket.write(text, encoding);
      return;
    }
    const exchange = { writableFinished: false, req: { socket } };
    this.#way.options.connections().holdAnswer(exchange, bodyLength);
    socket.write(text, encoding, () => {
      exchange.writableFinished = true;
    });
  }

  /** @param piece what arrived and is still to be read */
  #giveToApp(piece?: Buffer): void {
    const socket = this.#socket;
    socket.off("data", this.#onData);
    socket.off("end", this.#onEnd);
    socket.off("error", this.#onError);
    socket.off("close", this.#end.gone);
    if (piece !== undefined) socket.unshift(piece);
    this.#end.toApp();
    socket.resume();
  }
}
