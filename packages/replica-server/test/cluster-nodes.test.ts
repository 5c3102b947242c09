import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { ClusterNodes } from "../src/page/cluster-nodes.ts";
import type { RoleContext } from "../src/roles/role-context.ts";

const ending: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** A cluster of one node, at the address of whoever answers so. */
async function nodesAt(answers: (response: ServerResponse) => void): Promise<ClusterNodes> {
  const server = createServer((_, response) => answers(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ending.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const role = { name: "acceptor1", role: "acceptor", address: { host: "127.0.0.1", port } };
  const topology = { nodes: [{ name: "node1", roles: [role] }] };
  const nodes = new ClusterNodes({ topology, clusterId: "c" } as unknown as RoleContext);
  ending.push(() => nodes.close());
  return nodes;
}

const FAULT = { id: 1, text: "pause node1", endsInMs: null, actsHere: true };

test.each(["<!doctype html>", "[]", "{}", '{"faults":[{"id":1}],"seed":1}'])(
  "another program at the address of a node that is down is not that node: %s",
  async (text) => {
    const nodes = await nodesAt((response) => response.end(text));
    expect(await nodes.look()).toMatchObject([{ name: "node1", answers: false, faults: [] }]);
  },
);

test("who asks for a look is told of what was done before, though another look was under way", async () => {
  const answers: ServerResponse[] = [];
  const nodes = await nodesAt((response) => answers.push(response));
  const tell = async (which: number, faults: object[]) => {
    await vi.waitFor(() => expect(answers).toHaveLength(which));
    answers.at(-1)?.end(JSON.stringify({ faults, seed: 1 }));
  };

  const first = nodes.look();
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  // Here the fault begins. Two people ask for a look; one does for both.
  const later = [nodes.look(), nodes.look()];
  await tell(1, []);
  expect((await first)[0]?.faults).toEqual([]);
  await tell(2, [FAULT]);
  for (const look of later) expect((await look)[0]?.faults).toEqual([FAULT]);
  const last = nodes.look();
  await tell(3, []);
  expect((await last)[0]?.faults).toEqual([]);
});
