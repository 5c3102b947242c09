import { describe, expect, test, vi } from "vitest";
import { Conversations } from "../../src/state/chat/conversations.ts";
import { People } from "../../src/state/chat/people.ts";
import { message, StandIn, turns } from "./stand-in.ts";

describe("the conversations", () => {
  const list = (unread: number, next: number | null = null) => ({
    body: { conversations: [{ with: "bob", messages: 1, unread, last: message(1) }], next, unread },
  });

  test("are read once more when something changed while they were read, and once for all that changed", async () => {
    vi.useFakeTimers();
    const server = new StandIn();
    const conversations = new Conversations(server);
    void conversations.refresh();
    for (let change = 0; change < 5; change++) void conversations.refresh();
    server.say(list(1));
    await vi.runAllTimersAsync();
    server.say(list(6));
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(server.asked).toHaveLength(2);
    expect(conversations.list.value?.unread).toBe(6);
  });

  test("that cannot be read stay as they were, and it is said", async () => {
    vi.useFakeTimers();
    const server = new StandIn();
    const conversations = new Conversations(server);
    server.say(list(1, 1), { error: "no-quorum" }, list(0));
    void conversations.refresh();
    await vi.runAllTimersAsync();
    void conversations.refresh();
    await vi.runAllTimersAsync();
    expect([conversations.list.value?.unread, conversations.trouble.value]).toEqual([1, "For a reason."]);
    expect(conversations.canShowMore).toBe(true);
    void conversations.showMore();
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(conversations.trouble.value).toBe(null);
    expect(server.asked.at(-1)?.path).toBe("/chat/conversations?limit=100");
  });
});

describe("the search for people", () => {
  test("asks once nothing more is typed, and goes from page to page", async () => {
    vi.useFakeTimers();
    const server = new StandIn();
    const people = new People(server);
    void people.type("al");
    void people.type("ali");
    server.say({ body: { users: ["alice", "alison"], next: "alison" } });
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    server.say({ body: { users: ["kalinda"], next: null } });
    await people.next();
    expect(people.page.value).toMatchObject({ begins: [null, "alison"], outcome: { body: { users: ["kalinda"] } } });
    await people.next();
    server.say({ body: { users: ["alice", "alison"], next: "alison" } });
    await people.previous();
    expect(server.asked.map(({ path }) => decodeURIComponent(path))).toEqual([
      "/chat/accounts?pattern=*ali*&limit=20",
      "/chat/accounts?pattern=*ali*&after=alison&limit=20",
      "/chat/accounts?pattern=*ali*&limit=20",
    ]);
  });

  test("knows who is meant by what is typed, if anybody is", async () => {
    const server = new StandIn();
    const people = new People(server);
    const meant = async (typed: string, users: readonly string[]) => {
      vi.useFakeTimers();
      server.say({ body: { users, next: null } });
      void people.type(typed);
      await vi.runAllTimersAsync();
      vi.useRealTimers();
      return people.meant;
    };
    expect(await meant("al", ["alice", "alison"])).toBe(null);
    expect(await meant("alice", ["alice", "alice2"])).toBe("alice");
    expect(await meant("ali*", ["alison"])).toBe("alison");
    expect(await meant("x", [])).toBe(null);
  });

  test("shows nothing of an answer that comes when something else is searched for, or nothing at all", async () => {
    vi.useFakeTimers();
    const server = new StandIn();
    const people = new People(server);
    void people.type("ali");
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    void people.type("");
    server.say({ body: { users: ["alice"], next: null } });
    await turns();
    expect(people.page.value).toBe(null);
  });
});
