import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { endOfExchange } from "./exchange-end.js";
import { LONGEST_ANSWER, MOST_CONNECTIONS, type TransportFactory } from "./transport.js";

/**
 * The transport for commands that send a few requests and end: Node's own client is there already, while undici takes
 * longer to load, and to compile its parser, than the whole of such a command's work (`npm run bench` measures it).
 */
export const nodeHttpTransport: TransportFactory = ({ host, port }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  return {
    async exchange(asked) {
      const { method, path, headers, body } = asked;
      const signal = endOfExchange(asked);
      try {
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
          const options = { host, port, method, path, signal, agent, headers: { ...headers, ...length } };
          httpRequest(options, resolve)
            .on("error", reject)
            .end(body ?? undefined);
        });
        return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response) };
      } catch (error) {
        // Node says only that the connection broke if the answer had begun.
        throw signal.aborted ? signal.reason : error;
      }
    },
    async close() {
      agent.destroy();
    },
  };
};

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response) {
    pieces.push(piece);
    length += piece.length;
    if (length > LONGEST_ANSWER) throw new Error(`the answer is longer than ${LONGEST_ANSWER} bytes`);
  }
  return Buffer.concat(pieces).toString("utf8");
}
