import { onTestFinished } from "vitest";
import { type AcceptorServer, type AcceptorServerOptions, startAcceptor } from "../src/server.ts";

const ANY_PORT = { host: "127.0.0.1", port: 0 };

/** A server on a port that is free, alone in its pool unless told otherwise. It is closed when the test ends. */
export async function started(
  options: Partial<AcceptorServerOptions> & { readonly home: string },
): Promise<AcceptorServer> {
  const { serverId = 1, serverCount = 1 } = options;
  const addresses = Array.from({ length: serverCount }, () => ANY_PORT);
  const server = await startAcceptor({ serverId, serverCount, addresses, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** What the server at this address answers. */
export async function ask({ address }: AcceptorServer, path: string, body?: unknown): Promise<unknown> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`http://${address.host}:${address.port}${path}`, body === undefined ? {} : init);
  return answer.json();
}
