import { LOGIN_HEADER } from "@synod/api";
import { expect, test } from "vitest";
import { type Asked, type FakeAnswer, fakeCluster, healthyStatus, refusal } from "./fake-cluster.ts";
import { runCommand } from "./run-command.ts";

/** A node of a chat. @param kept what becomes of a text on its way */
function chatNode(kept: (text: string) => string) {
  let sent = "";
  return ({ path, body, headers }: Asked): FakeAnswer => {
    const { user, text } = (body ?? {}) as { user?: string; text?: string };
    if (path === "/chat/accounts") return { body: { user, slot: 1 } };
    if (path === "/chat/logins") return { body: { user, token: `token of ${user}`, unread: 0, slot: 2 } };
    const login = String(headers[LOGIN_HEADER]);
    if (path === "/chat/messages" && login.endsWith("-a")) {
      sent = text ?? "";
      return { body: { message: { id: 7, text }, slot: 3 } };
    }
    if (path.startsWith("/chat/unread") && login.endsWith("-b"))
      return { body: { messages: [{ id: 7, text: kept(sent) }] } };
    if (path === "/chat/account/delete") return { body: { user: login, slot: 4 } };
    return refusal("not-logged-in", "Not logged in.");
  };
}

const answering = (node: (asked: Asked) => FakeAnswer) => (server: Parameters<typeof healthyStatus>[0], asked: Asked) =>
  asked.path.startsWith("/chat/") ? node(asked) : healthyStatus(server);

test("cluster test sends a message in a chat, has it read, and leaves nothing behind", async () => {
  const { home } = await fakeCluster(answering(chatNode((text) => text)), "chat", "raft");
  const { exitCode, stdout } = await runCommand("synod", ["cluster", "test", "--home", home]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /^accounts: ok \(test-\w+-a, test-\w+-b\)\nlog in: ok \(slot 2\)\nsend: ok \(message 7, slot 3\)\nread: ok\ndelete accounts: ok\n$/,
  );
});

test("cluster test fails where the chat has another message, and where it takes none", async () => {
  const { home } = await fakeCluster(answering(chatNode((text) => `${text}!`)), "chat", "raft");
  const wrong = await runCommand("synod", ["cluster", "test", "--home", home, "--json"]);
  expect([wrong.exitCode, JSON.parse(wrong.stdout)]).toMatchObject([1, { ok: false, message: 7 }]);
  const silent = await fakeCluster(
    answering(() => refusal("no-quorum", "no majority")),
    "chat",
    "raft",
  );
  expect((await runCommand("synod", ["cluster", "test", "--home", silent.home])).exitCode).toBe(4);
});
