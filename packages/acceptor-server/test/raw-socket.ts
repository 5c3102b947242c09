import { connect, type Socket } from "node:net";
import type { Address } from "@synod/api";
import { onTestFinished } from "vitest";

/** One connection to a server, byte by byte. */
export class RawSocket {
  #received = "";
  #ended = false;
  readonly #socket: Socket;
  readonly #changes: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (piece) => this.#change(() => (this.#received += String(piece))));
    // A connection that is reset has ended too; what came before counts.
    socket.on("error", () => {});
    socket.on("close", () => this.#change(() => (this.#ended = true)));
  }

  static open({ host, port }: Address): Promise<RawSocket> {
    const socket = connect({ host, port });
    onTestFinished(() => void socket.destroy());
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => resolve(new RawSocket(socket)));
    });
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Goes away without a word. */
  close(): void {
    this.#socket.destroy();
  }

  /** Sends no more, as the kernel says for a process that is gone. What comes is still read. */
  end(): void {
    this.#socket.end();
  }

  /** Ends the connection at once, whatever is on its way. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Everything received once the server has closed the connection. */
  async untilClosed(): Promise<string> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#changes.push(resolve));
    return this.#received;
  }

  /** Everything received once it contains this text. */
  async untilReceived(text: string): Promise<string> {
    while (!this.#received.includes(text)) {
      if (this.#ended) throw new Error(`closed after ${JSON.stringify(this.#received)}, without ${text}`);
      await new Promise<void>((resolve) => this.#changes.push(resolve));
    }
    return this.#received;
  }

  #change(apply: () => void): void {
    apply();
    for (const changed of this.#changes.splice(0)) changed();
  }
}

/** Sends these bytes on a connection of their own and gives everything the server said before it closed. */
export async function exchange(address: Address, bytes: string | Buffer): Promise<string> {
  const socket = await RawSocket.open(address);
  socket.send(bytes);
  return socket.untilClosed();
}

/** Ends a connection that is still open. */
const LAST = "GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/** Everything a server says to these pieces, and then to a last request, but for the dates. */
export async function saidTo(address: Address, pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = await RawSocket.open(address);
  for (const piece of pieces) {
    socket.send(piece);
    // So that they arrive as pieces; nothing depends on it.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  const ended = await Promise.race([socket.untilReceived("HTTP/1.1 ").catch(String), socket.untilClosed()]);
  if (!/connection: close/i.test(ended)) socket.send(LAST);
  return (await socket.untilClosed()).replace(/^(date: ).*$/gim, "$1");
}
