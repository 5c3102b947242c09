import type { Socket } from "node:net";
import { LARGE_BYTES } from "../held-bytes.js";
import { type PlainRequest, PlainRequestReader } from "./plain-request.js";
import type { ShortAnswer } from "./short-answers.js";
import type { Place, ShortWay } from "./short-way.js";

/** A plain request and where it goes. */
interface OnItsWay extends Place {
  readonly request: PlainRequest;
  /** As it arrived. */
  readonly piece: Buffer;
}

export interface ShortConnectionEnd {
  /** It is for the app from now on. */
  readonly toApp: () => void;
  /** It is closed. */
  readonly gone: () => void;
}

/** How long it may take over its last answer, in milliseconds. */
const FAREWELL_MS = 1000;

/** One connection as long as it carries plain requests, one at a time. */
export class ShortConnection {
  readonly #socket: Socket;
  readonly #way: ShortWay;
  readonly #end: ShortConnectionEnd;
  readonly #reader = new PlainRequestReader();
  /** What arrived before the answer had left. */
  #ahead: Buffer | null = null;
  #isAsked = false;
  #hasEnded = false;
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
    if (this.#answeredAt === null) this.#giveToApp(null);
    else if (now - this.#answeredAt >= keepMs) this.#socket.destroy();
  }

  endIfIdle(): void {
    if (!this.#isAsked) this.#socket.destroy();
  }

  readonly #onData = (piece: Buffer): void => {
    if (this.#isAsked) {
      // Who does not wait for an answer asks the app, once this one has left.
      this.#ahead = this.#ahead === null ? piece : Buffer.concat([this.#ahead, piece]);
      this.#socket.pause();
      return;
    }
    const request = this.#reader.read(piece);
    const place = request === null || this.#socket.writableLength > 0 ? null : this.#way.find(request);
    if (request === null || place === null) this.#giveToApp(piece);
    else this.#ask({ ...place, request, piece });
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (!this.#isAsked) this.#socket.end();
  };

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  #ask(asked: OnItsWay): void {
    const { admission } = asked.route;
    if (admission.entersAtOnce()) {
      this.#carryOut(asked);
      return;
    }
    this.#isAsked = true;
    admission.lineUp({
      go: (refusal) => {
        if (refusal) this.#refuse(asked, refusal);
        else this.#carryOut(asked);
      },
      hasGone: () => this.#socket.destroyed,
    });
  }

  /** @param asked was let in */
  #carryOut(asked: OnItsWay): void {
    const { admission, answer, url } = asked.route;
    const begin = performance.now();
    const reply = answer(asked.rest, asked.request);
    this.#isAsked = reply !== null;
    if (reply === null) {
      admission.leave(null);
      this.#giveToApp(asked.piece);
      return;
    }
    reply.then(
      (body) => {
        admission.leave(performance.now() - begin);
        this.#tell((isLast) => this.#way.options.answers.of(url, body, isLast));
      },
      (error) => {
        admission.leave(null);
        this.#refuse(asked, error);
      },
    );
  }

  #refuse({ route, request }: OnItsWay, error: unknown): void {
    this.#tell((isLast) => this.#way.options.answers.ofError(route.url, error, request.path, isLast));
  }

  #tell(answer: (isLast: boolean) => ShortAnswer): void {
    const { faults, connections } = this.#way.options;
    const paused = faults?.whilePaused();
    if (paused) {
      void paused.then(() => this.#tell(answer));
      return;
    }
    const socket = this.#socket;
    const isLast = this.#way.isStopping || this.#hasEnded;
    const { text, encoding } = answer(isLast);
    if (socket.destroyed) return;
    connections().asked(socket);
    if (text.length >= LARGE_BYTES) this.#hold(text.length);
    socket.write(text, encoding);
    this.#isAsked = false;
    this.#answeredAt = performance.now();
    if (isLast) this.#endSoon();
    else if (this.#ahead !== null) this.#giveToApp(this.#ahead);
  }

  #hold(bytes: number): void {
    const socket = this.#socket;
    // Whatever waits to be sent is of this answer: before the next request it has left.
    const exchange = {
      get writableFinished() {
        return socket.writableLength === 0;
      },
      req: { socket },
    };
    this.#way.options.connections().holdAnswer(exchange, bytes);
  }

  #endSoon(): void {
    const socket = this.#socket;
    socket.end();
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  }

  /** @param piece what arrived and is still to be read */
  #giveToApp(piece: Buffer | null): void {
    const socket = this.#socket;
    socket.off("data", this.#onData);
    socket.off("end", this.#onEnd);
    socket.off("error", this.#onError);
    socket.off("close", this.#end.gone);
    if (piece !== null) socket.unshift(piece);
    this.#end.toApp();
    socket.resume();
  }
}
