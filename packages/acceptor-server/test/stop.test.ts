import { existsSync } from "node:fs";
import { connect } from "node:net";
import type { Address } from "@synod/api";
import { AcceptorClient } from "@synod/client";
import { expect, test } from "vitest";
import { PoolFolder } from "../src/pool-folder.ts";
import { AcceptorProcess } from "./acceptor-process.ts";
import { RawSocket } from "./raw-socket.ts";
import { ask, started } from "./started-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Resolves once nobody listens there any more. */
async function untilRefused(address: Address): Promise<void> {
  for (;;) {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(address);
      socket.on("connect", () => resolve(false));
      socket.on("error", () => resolve(true));
      socket.on("close", () => socket.destroy());
      socket.on("connect", () => socket.destroy());
    });
    if (refused) return;
  }
}

test.each([
  ["SIGTERM", 0],
  ["SIGINT", 130],
] as const)(
  "on %s the server answers what is under way, frees port and folder, and ends with %d",
  async (signal, code) => {
    const home = temporaryFolder();
    const server = await AcceptorProcess.start(home);
    const pidFile = new PoolFolder(home).pidFile(1);
    expect(existsSync(pidFile)).toBe(true);
    const socket = await RawSocket.open(server.address);
    const head = "POST /accept HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const body = '{"id":5,"value":"apple"}';
    // The server's "100 Continue" says that the request is under way, before its body is.
    socket.send(`${head}content-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`);
    await socket.untilReceived("100 Continue");
    const ended = server.end(signal);
    await untilRefused(server.address);
    socket.send(body);
    const answer = await socket.untilClosed();
    expect(answer).toContain("HTTP/1.1 200 OK");
    expect(answer).toContain('{"ignored":false,"acceptedId":5,"acceptedValue":"apple"}');
    expect(await ended).toBe(code);
    expect(existsSync(pidFile)).toBe(false);
    const again = await started({ home });
    expect(again.tornTail).toBeNull();
    expect(await ask(again, "/state")).toEqual({ promisedId: 5, acceptedId: 5, acceptedValue: "apple" });
  },
);

test("a server that is stopped under load has forgotten nothing that it answered, and ends with 0", async () => {
  const home = temporaryFolder();
  const server = await AcceptorProcess.start(home);
  const client = new AcceptorClient(server.address, { timeoutMs: 30_000 });
  let highest = -1;
  let nextId = 0;
  let ended: Promise<number | null> | null = null;
  const work = async () => {
    for (;;) {
      try {
        highest = Math.max(highest, (await client.prepare({ id: nextId++ })).promisedId);
      } catch {
        return;
      }
      if (highest > 200) ended ??= server.end("SIGTERM");
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  expect(await ended).toBe(0);
  await client.close();
  const again = await started({ home });
  const { promisedId } = (await ask(again, "/state")) as { promisedId: number };
  expect(promisedId).toBeGreaterThanOrEqual(highest);
});
