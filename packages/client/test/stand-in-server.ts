import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Socket } from "node:net";
import type { Address } from "@synod/api";
import { onTestFinished } from "vitest";

/**
 * Where the servers of this process listen. Each process has a loopback address of its own where the system has more
 * than one, so that a port that one test let go of cannot be given to another test's server meanwhile.
 */
export const LOOPBACK =
  process.platform === "linux"
    ? `127.${1 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${process.pid & 255}`
    : "127.0.0.1";

/** A server that answers just as a test says, in place of an acceptor. */
export interface StandIn {
  readonly address: Address;
  /** What arrived: method and path, in order. */
  readonly requests: string[];
  /** Settles when the first request has arrived. */
  readonly asked: Promise<IncomingMessage>;
  /** Connections that are open now. */
  readonly connectionCount: () => Promise<number>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server that hands each request to the handler; it goes when the test ends. */
export async function startStandIn(handler: Handler): Promise<StandIn> {
  const requests: string[] = [];
  let hearAsked: (request: IncomingMessage) => void = () => {};
  const asked = new Promise<IncomingMessage>((resolve) => {
    hearAsked = resolve;
  });
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    hearAsked(request);
    handler(request, response);
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const connectionCount = () =>
    new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  return { address: addressOf(server.address()), requests, asked, connectionCount };
}

/** A server that takes requests and never answers. */
export function startSilentServer(): Promise<StandIn> {
  return startStandIn(() => {});
}

/** A server that always answers with this. */
export function startServerSaying(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Promise<StandIn> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return startStandIn((_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(text);
  });
}

/** A server below HTTP: each connection is handed over as it is. */
export async function startRawServer(onConnection: (socket: Socket) => void): Promise<Address> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return addressOf(server.address());
}

/** An address at which nobody listens: no user may listen on a port that low. */
export const NOBODY: Address = { host: LOOPBACK, port: 1 };

function addressOf(address: AddressInfo | string | null): Address {
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return { host: LOOPBACK, port: address.port };
}
