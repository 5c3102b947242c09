/**
 * A connection that sends one request at a time, as cheaply as JavaScript can: on two cores, a full HTTP client would be
 * what is measured, and not the server.
 */
import { connect } from "node:net";

const END_OF_HEADERS = Buffer.from("\r\n\r\n");

export class Connection {
  #socket;
  #received = Buffer.alloc(0);
  #answered = null;

  /** @returns a connection that is open */
  static open(port) {
    const connection = new Connection();
    return new Promise((resolve, reject) => {
      connection.#socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(connection));
      connection.#socket.once("error", reject);
      connection.#socket.on("data", (piece) => connection.#receive(piece));
    });
  }

  /** Sends a request and waits for its whole answer. @returns the body's text */
  request(method, path, body = "") {
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
    });
  }

  close() {
    this.#socket.destroy();
  }

  #receive(piece) {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
    const end = this.#received.indexOf(END_OF_HEADERS);
    if (end < 0) return;
    const head = this.#received.latin1Slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    const bodyAt = end + END_OF_HEADERS.length;
    if (this.#received.length < bodyAt + length) return;
    const text = this.#received.utf8Slice(bodyAt, bodyAt + length);
    this.#received = Buffer.alloc(0);
    if (head.startsWith("HTTP/1.1 200")) this.#answered.resolve(text);
    else this.#answered.reject(new Error(`${head.split("\r\n")[0]}: ${text}`));
  }
}
