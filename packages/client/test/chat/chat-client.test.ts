import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { type ChatLogin, OutcomeUnknown } from "../../src/index.ts";
import { failureOf } from "../key-value/open-stores.ts";
import { refuse, say, until } from "../key-value/stand-in-gateway.ts";
import { NOBODY } from "../stand-in-server.ts";
import { clientOf, StandInChat, StandInState } from "./stand-in-chat.ts";

const PASSWORD = "tea is a drink";

/** Alice, logged in at these nodes, and Bob, who is not. */
async function alice(nodes: readonly StandInChat[], options: Parameters<typeof clientOf>[1] = {}) {
  const client = clientOf(nodes, options);
  for (const user of ["alice", "bob"]) await client.createAccount(user, PASSWORD);
  return { client, login: await client.logIn("alice", PASSWORD) };
}

async function oneNode(options: Parameters<typeof clientOf>[1] = {}) {
  const node = await StandInChat.started();
  return { node, ...(await alice([node], options)) };
}

async function twoNodes() {
  const state = new StandInState();
  const nodes = [await StandInChat.started(state), await StandInChat.started(state)] as const;
  return { state, nodes, ...(await alice(nodes)) };
}

describe("a client of a chat", () => {
  test("makes accounts, says which names are taken, and logs in with a token of its own", async () => {
    const { node, client, login } = await oneNode();
    expect([await client.isTaken("alice"), await client.isTaken("carol"), await client.isTaken("a/b")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(login).toMatchObject({ user: "alice", unreadAtFirst: 0 });
    expect(login.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(node.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...["POST /chat/accounts", "POST /chat/accounts", "POST /chat/logins"],
      ...["GET /chat/accounts/alice", "GET /chat/accounts/carol", "GET /chat/accounts/a%2Fb"],
    ]);
    expect(await failureOf(client.isTaken(""))).toMatchObject({ code: "bad-request" });
  });

  test("takes up a login again by its token, and nothing that is no token", async () => {
    const { node, client, login } = await oneNode();
    expect(await client.resume(login.token)).toMatchObject({ user: "alice", token: login.token });
    const asked = node.asked.length;
    expect(await failureOf(client.resume("alice\r\nsynod-login: bob"))).toMatchObject({ code: "not-logged-in" });
    expect(node.asked).toHaveLength(asked);
    await login.logOut();
    expect(await failureOf(client.resume(login.token))).toMatchObject({ code: "not-logged-in", definite: true });
  });

  test("does in one's name what the login says, which goes with every request beside the cluster's secret", async () => {
    const { node, client, login } = await oneNode({ secret: "between the nodes" });
    const bob = await client.logIn("bob", PASSWORD);
    const sent = await login.send("bob", "hello");
    expect(sent).toMatchObject({ id: 1, from: "alice", to: "bob", text: "hello", read: false });
    expect(await login.accounts({ pattern: "*", limit: 1 })).toEqual({ users: ["alice", "bob"], next: "alice" });
    expect(await bob.unread({ from: "alice" })).toMatchObject({ messages: [sent], unread: 1 });
    expect(await bob.conversations()).toMatchObject({ conversations: [{ with: "bob", last: sent }], unread: 1 });
    expect(await bob.conversation("alice", { before: 9, limit: 3 })).toEqual({ messages: [sent], next: null });
    expect(await bob.read()).toEqual({ messages: [sent], next: null, unread: 0, marked: 1 });
    expect(await bob.read()).toMatchObject({ messages: [], marked: 0 });
    expect(await login.deleteMessages([1, 2])).toBe(1);
    await login.setPassword(PASSWORD, "another one");
    await login.deleteAccount();
    expect(await client.isTaken("alice")).toBe(false);
    const inTheirName = node.asked.filter(({ path }) => !/logins$|accounts(\/alice)?$/.test(path));
    const tokens = new Set(inTheirName.map(({ headers }) => headers["synod-login"]));
    expect(tokens).toEqual(new Set([login.token, bob.token]));
    expect(new Set(node.asked.map(({ headers }) => headers.authorization))).toEqual(
      new Set(["Bearer between the nodes"]),
    );
    const [page] = node.asked.filter(({ path }) => path === "/chat/conversations/alice");
    expect([page?.query.get("before"), page?.query.get("limit")]).toEqual(["9", "3"]);
  });

  test("numbers what it changes in one session, but for a log-in, which is known by its token", async () => {
    const { node, login } = await oneNode();
    await login.send("bob", "hello");
    const sessions = node.asked.map(({ path, body }) => [path, body.session?.sequence, body.token === login.token]);
    expect(sessions).toEqual([
      ["/chat/accounts", 2, false],
      ["/chat/accounts", 3, false],
      ["/chat/logins", undefined, true],
      ["/chat/messages", 4, false],
    ]);
  });

  test("sends again what a node did and could not tell, and it is one message", async () => {
    const { state, nodes, login } = await twoNodes();
    nodes[0].instead.push((response, answer) => {
      response.destroy();
      answer();
    });
    expect(await login.send("bob", "hello")).toMatchObject({ id: 1 });
    expect(nodes[1].asked.at(-1)?.body.session).toEqual(nodes[0].asked.at(-1)?.body.session);
    expect(state.messages).toHaveLength(1);
  });

  test("sends a log-in again under the token that it has, and it is one login", async () => {
    const { state, nodes, client } = await twoNodes();
    nodes[0].instead.push((response, answer) => {
      response.destroy();
      answer();
    });
    const before = state.logins.size;
    const bob = await client.logIn("bob", PASSWORD);
    expect(nodes[1].asked.at(-1)?.body.token).toBe(bob.token);
    expect(state.logins.size).toBe(before + 1);
  });

  test("asks another node while there is no leader, and goes on there", async () => {
    const { nodes, login } = await twoNodes();
    nodes[0].instead.push((response) => refuse(response, "no-leader"));
    nodes[1].instead.push((response) => refuse(response, "no-quorum"));
    expect(await login.unread()).toMatchObject({ unread: 0 });
    expect(nodes.map(({ asked }) => asked.at(-1)?.path)).toEqual(["/chat/unread", "/chat/unread"]);
  });

  test.each([
    ["no-such-user", (login: ChatLogin) => login.send("bob", "x")],
    ["incorrect-password", (login: ChatLogin) => login.setPassword("no", "another one")],
    ["no-such-recipient", (login: ChatLogin) => login.send("nobody", "x")],
    ["chat-full", (login: ChatLogin) => login.send("bob", "x")],
    ["not-logged-in", (login: ChatLogin) => login.unread()],
  ] as const)("takes %s for an answer, once, and knows that nothing happened", async (code, call) => {
    const { node, login } = await oneNode();
    const before = node.asked.length;
    node.instead.push((response) => refuse(response, code));
    expect(await failureOf(call(login))).toMatchObject({ code, definite: true, message: `refused with ${code}` });
    expect(node.asked).toHaveLength(before + 1);
  });

  test("says that nobody knows, when its time is up and a node had the request", async () => {
    const { node, client, login } = await oneNode({ serverTimeoutMs: 100 });
    const ignored = () => {};
    for (const call of [
      () => login.send("bob", "x", { timeoutMs: 300 }),
      () => client.logIn("bob", PASSWORD, { timeoutMs: 300 }),
    ]) {
      node.instead.push(...Array.from({ length: 20 }, () => ignored));
      const error = await failureOf(call());
      expect(error).toBeInstanceOf(OutcomeUnknown);
      expect(error).toMatchObject({ code: "outcome-unknown", definite: false });
      node.instead.length = 0;
    }
  });

  test("ends a call with its signal and its time, all calls with the client's, and takes none after that", async () => {
    const ending = new AbortController();
    const { node, client, login } = await oneNode({ signal: ending.signal });
    const ignored = () => {};
    node.instead.push(ignored, ignored, ignored);
    const one = new AbortController();
    const calls = [
      failureOf(login.send("bob", "x", { signal: one.signal })),
      failureOf(login.unread()),
      failureOf(login.unread({ timeoutMs: 20 })),
    ];
    await until("all are sent", () => node.instead.length === 0);
    one.abort();
    expect(await calls[0]).toMatchObject({ code: "aborted", definite: false });
    expect(await calls[2]).toMatchObject({ code: "timeout", definite: true });
    ending.abort();
    expect(await calls[1]).toMatchObject({ code: "closed", definite: true });
    expect(await failureOf(login.send("bob", "x"))).toMatchObject({ code: "closed", definite: true });
    expect(await failureOf(client.isTaken("bob"))).toMatchObject({ code: "closed", definite: true });
  });

  test("sends no text that no node takes: of one that is far too long nobody might know whether it was sent", async () => {
    const { node, login } = await oneNode();
    const before = node.asked.length;
    const refused = await Promise.all(
      [5_000_000, 4001].map((length) => failureOf(login.send("bob", "x".repeat(length)))),
    );
    for (const error of refused) expect(error).toMatchObject({ code: "bad-request", definite: true });
    expect(node.asked.length).toBe(before);
    expect(await login.send("alice", "x".repeat(4000))).toMatchObject({ from: "alice" });
  });

  test("says what a node said of a read, and not that another one is not there", async () => {
    const { node, login } = await oneNode();
    const client = clientOf([node, NOBODY], { timeoutMs: 400 });
    const again = await client.resume(login.token);
    node.instead.push(
      ...Array.from({ length: 100 }, () => (response: ServerResponse) => refuse(response, "no-quorum")),
    );
    expect(await failureOf(again.unread())).toMatchObject({ code: "no-quorum", definite: true });
  });

  test("hands over what it took as read also if nobody says whether it is marked, and not if it certainly is not", async () => {
    const { node, client, login } = await oneNode({ serverTimeoutMs: 100 });
    const sent = await login.send("alice", "to myself");
    const answered = (_: unknown, answer: () => void) => answer();
    node.instead.push(answered, ...Array.from({ length: 20 }, () => () => {}));
    expect(await login.read({ timeoutMs: 300 })).toEqual({ messages: [sent], next: null, unread: 1, marked: null });
    node.instead.length = 0;
    node.instead.push(answered, (response) => refuse(response, "not-logged-in"));
    expect(await failureOf(login.read())).toMatchObject({ code: "not-logged-in", definite: true });
    expect((await client.resume(login.token)).unreadAtFirst).toBe(1);
  });

  test("passes over what no chat says, and tells what is not there", async () => {
    const { nodes, login } = await twoNodes();
    nodes[0].instead.push((response) => say(response, { messages: [{ id: "1" }], next: null, unread: 0 }));
    expect(await login.unread()).toMatchObject({ messages: [] });
    nodes[1].instead.push((response) => refuse(response, "not-found"));
    const error = await failureOf(login.unread());
    expect(error).toMatchObject({ code: "not-found", message: expect.stringContaining("not of a chat") });
    const nobody = clientOf([NOBODY], { timeoutMs: 200 });
    expect(await failureOf(nobody.logIn("alice", PASSWORD))).toMatchObject({ code: "unreachable", definite: true });
  });
});
