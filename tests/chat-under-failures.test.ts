import { formatAddress, type GatewayStatusReply } from "@synod/api";
import { expect, test } from "vitest";
import { setClusterStage } from "../packages/proposer-cli/test/cluster-stage.js";
import { conversationDuring } from "../packages/replica-server/test/chat/chat-clients.js";

const PASSWORD = "correct horse";

test("the leader of a chat is killed in the middle of a conversation: a pause, and no message lost, doubled or out of order", {
  timeout: 120_000,
}, async () => {
  const stage = await setClusterStage("chat");
  const started = await stage.synod("cluster", "start", stage.topologyFile);
  expect(started.exitCode, started.stderr).toBe(0);
  const gateways = stage.topology.nodes.flatMap(({ roles }) => roles.filter(({ role }) => role === "gateway"));
  const urls = gateways.map(({ address }) => `http://${formatAddress(address)}`);
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json" };
    return (await fetch(urls[0] + path, { method: "POST", headers, body: JSON.stringify(body) })).status;
  };
  const making = ["anna", "ben"].map((user) => post("/chat/accounts", { user, password: PASSWORD }));
  expect(await Promise.all(making)).toEqual([200, 200]);

  const status = (await (await fetch(`${urls[0]}/status`)).json()) as GatewayStatusReply;
  const place = gateways.findIndex(({ number }) => `raft${number}` === status.leader);
  const leader = gateways[place]?.node ?? "";
  const { acknowledged, told, streams } = await conversationDuring(
    () => void process.kill(stage.pidOf(leader), "SIGKILL"),
    { urls, place, count: 50 },
    { from: "anna", to: "ben", password: PASSWORD },
  );
  expect(told).toEqual(acknowledged);
  expect(streams).toBeGreaterThan(1);

  // The node comes back with all of it, and the chat with it is as good as new.
  const recovered = await stage.synod("cluster", "recover", leader);
  expect(recovered.exitCode, recovered.stderr).toBe(0);
  const tested = await stage.synod("cluster", "test");
  expect([tested.exitCode, tested.stdout]).toEqual([0, expect.stringMatching(/send: ok .*\nread: ok\n/)]);
  expect(await storedTexts(urls[place] ?? "")).toEqual(acknowledged.slice(-500));
  await stage.synod("cluster", "stop");
});

/** What this node has of the conversation. */
async function storedTexts(url: string): Promise<string[]> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ user: "ben", password: PASSWORD });
  const { token } = (await (await fetch(`${url}/chat/logins`, { method: "POST", headers, body })).json()) as {
    token: string;
  };
  const page = await fetch(`${url}/chat/conversations/anna?limit=500`, { headers: { "synod-login": token } });
  const { messages } = (await page.json()) as { messages: { text: string }[] };
  return messages.map(({ text }) => text);
}
