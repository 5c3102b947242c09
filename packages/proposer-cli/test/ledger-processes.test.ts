import { once } from "node:events";
import { expect, test } from "vitest";
import { type ClusterStage, setClusterStage } from "./cluster-stage.ts";
import { HOST, until } from "./process-stage.ts";
import { eventually, Typed } from "./typed-prompt.ts";

function server(stage: ClusterStage, id: number): Typed {
  return new Typed(
    stage.start("ledger", "server", String(id), "--topology", stage.topologyFile, "--log-level", "warn"),
  );
}

test("servers and a client at their prompts: links break and are fixed, a server crashes and catches up", async () => {
  const stage = await setClusterStage("ledger");
  const ports = stage.topology.nodes.map(({ roles }) => roles.find(({ role }) => role === "gateway")?.address.port);
  const servers = [1, 2, 3].map((id) => server(stage, id)) as [Typed, Typed, Typed];
  const [one, two] = servers;
  // Named, since it starts before there is a ledger here to find, and would look where others may have theirs.
  const named = ports.map((port) => `${HOST}:${port}`).join(",");
  const client = new Typed(stage.start("ledger", "client", "1", "--timeout", "30s", "--servers", named));
  for (const each of servers) await until(() => each.stderr.includes("serves at"), each.stderr);

  expect(await client.says("put 'alice' {'key1': 10}", "(block 1)")).toBe(
    'put "alice" {"key1": 10}: success (block 1)\n',
  );
  await eventually(one, "print depth", "1");
  expect(await one.says("bc", "\n")).toMatch(
    /^block 1: put "alice" \{"key1": 10\} \(client1-\S+, by server\d, nonce \d+, previous none, hash [0-9a-f]{12}\)\n$/,
  );
  expect(await one.says("kv", "\n")).toBe('"alice": {"key1": 10} (block 1)\n');

  // The sentences of the original, and the same fault whoever made it.
  expect(await one.says(`failLink ${ports[1]}`, "\n")).toBe(`Broke the link to ${ports[1]}\n`);
  expect(await one.says(`failLink ${ports[1]}`, "\n")).toBe(`The link to ${ports[1]} is already broken\n`);
  expect(await one.says("print brokenLinks", "\n")).toBe(`${ports[1]} (server2): cut server1<>server2\n`);
  const healing = stage.synod("cluster", "heal", "server1", "server2");
  expect((await healing).stdout).toContain("server1: messages to server2 get through again");
  expect(await one.says(`fixLink ${ports[1]}`, "\n")).toBe(`The link to ${ports[1]} is not broken\n`);

  // A server that is cut off learns nothing; then it catches up.
  await two.says(`failLink ${ports[0]}`, "Broke");
  await two.says(`failLink ${ports[2]}`, "Broke");
  await client.says("put 'bob' 2", "(block 2)");
  expect(await two.says("print depth", "\n")).toBe("1\n");
  expect(await two.says(`fixLink ${ports[0]}`, "\n")).toBe(`Fixed the link to ${ports[0]}\n`);
  await two.says(`fixLink ${ports[2]}`, "Fixed");
  await eventually(two, "d", "2");

  // A crash is one: nothing is left but what is on disk, with which it starts again.
  const gone = once(one.process, "exit");
  await one.says("failProcess", "Failing the process");
  expect(await gone).toEqual([null, "SIGKILL"]);
  await client.says("get 'bob'", 'get "bob": 2 (block 3)');
  const again = server(stage, 1);
  await eventually(again, "print depth", "3");

  // Who was told to end, by a line or by a signal, leaves nothing behind; stdin at its end ends no server.
  client.process.stdin?.end();
  expect(await once(client.process, "exit")).toEqual([0, null]);
  two.process.stdin?.end();
  again.type("exit", "print depth");
  expect(await once(again.process, "exit")).toEqual([0, null]);
  expect(two.process.exitCode).toBeNull();
  two.process.kill("SIGTERM");
  expect(await once(two.process, "exit")).toEqual([0, null]);
});
