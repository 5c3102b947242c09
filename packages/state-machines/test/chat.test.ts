import { describe, expect, test } from "vitest";
import { Chat, type ChatOperation, type Json, newsFor } from "../src/index.ts";
import { annAndBob, chatLog, password, token } from "./chat-log.ts";

const ids = (...some: number[]) => ({ ids: some });

describe("an account", () => {
  test("has a name that nobody else has, as long as it is there", () => {
    const { apply, create, logIn, read } = chatLog();
    const credential = create("ann");
    const again = { type: "create-account", user: "ann", password: password(1), time: 2 } as const;
    expect(apply(again)).toEqual({ answer: "username-taken" });
    expect(read({ type: "account", user: "ann" })).toEqual({ user: "ann", exists: true });
    logIn("ann", credential, 1);
    expect(apply({ type: "delete-account", token: token(1) })).toEqual({ answer: "account-deleted", user: "ann" });
    expect(read({ type: "account", user: "ann" })).toEqual({ user: "ann", exists: false });
    expect(apply(again)).toEqual({ answer: "created", user: "ann" });
  });

  test("takes its logins and conversations along, on both sides, and leaves those of others", () => {
    const { apply, read, send, create, logIn, changes } = annAndBob();
    logIn("cid", create("cid"), 3);
    send(1, "bob", "to bob");
    send(2, "ann", "to ann");
    send(3, "bob", "from cid");
    send(1, "ann", "a note");
    apply({ type: "delete-account", token: token(1) });
    expect(changes.at(-1)).toMatchObject({ user: "ann", tokens: [token(1)], peers: ["bob"] });
    expect(read({ type: "login", token: token(1) })).toEqual({ refused: "not-logged-in" });
    expect(read({ type: "login", token: token(2) })).toEqual({ user: "bob", unread: 1 });
    expect(read({ type: "conversations", token: token(2) })).toMatchObject({ conversations: [{ with: "cid" }] });
    expect(read({ type: "conversation", token: token(2), with: "ann" })).toEqual({ refused: "no-such-user" });
    expect(read({ type: "counts" })).toEqual({ accounts: 2, messages: 1, logins: 2 });
  });

  test("that is made anew has nothing of the one that had its name, and its password counts, not the old one", () => {
    const { apply, read, send, create, logIn, chat, credentials } = annAndBob();
    send(2, "ann", "for the first ann");
    apply({ type: "delete-account", token: token(1) });
    const credential = create("ann");
    expect(logIn("ann", credentials.ann, 1)).toEqual({ answer: "incorrect-password" });
    expect(logIn("ann", credential, 1)).toEqual({ answer: "logged-in", user: "ann", unread: 0 });
    expect(read({ type: "conversation", token: token(1), with: "bob" })).toEqual({ messages: [], next: null });
    expect(chat.loginOf(token(1))).toEqual({ user: "ann", createdAt: credential });
  });
});

describe("a login", () => {
  test("names the password that was looked at, and fails if it is another one by now", () => {
    const { apply, logIn, credentials, slot } = annAndBob();
    const change = { type: "set-password", token: token(1), password: password(1) } as const;
    expect(apply({ ...change, credential: credentials.bob })).toEqual({ answer: "incorrect-password" });
    expect(apply({ ...change, credential: credentials.ann })).toEqual({ answer: "password-set", user: "ann" });
    const credential = slot();
    expect(logIn("ann", credentials.ann, 3)).toEqual({ answer: "incorrect-password" });
    expect(logIn("ann", credential, 3)).toMatchObject({ answer: "logged-in" });
    expect(logIn("nobody", credential, 4)).toEqual({ answer: "no-such-user" });
  });

  test("ends all others when the password changes, and stays itself", () => {
    const { apply, read, logIn, credentials, changes } = annAndBob();
    logIn("ann", credentials.ann, 3);
    apply({ type: "set-password", token: token(1), credential: credentials.ann, password: password(1) });
    expect(read({ type: "login", token: token(3) })).toEqual({ refused: "not-logged-in" });
    expect(read({ type: "login", token: token(1) })).toEqual({ user: "ann", unread: 0 });
    expect(changes.at(-1)).toMatchObject({ type: "logged-out", user: "ann", tokens: [token(3)] });
  });

  test("that is asked for again is one, and one that has ended never begins again", () => {
    const { apply, logIn, read, credentials } = annAndBob();
    expect(logIn("ann", credentials.ann, 1)).toMatchObject({ answer: "logged-in" });
    expect(read({ type: "counts" })).toMatchObject({ logins: 2 });
    apply({ type: "log-out", token: token(1) });
    expect(logIn("ann", credentials.ann, 1)).toEqual({ answer: "not-logged-in" });
    // That one is bob's.
    expect(logIn("ann", credentials.ann, 2)).toEqual({ answer: "incorrect-password" });
    expect(read({ type: "login", token: token(2) })).toMatchObject({ user: "bob" });
  });

  test("gives way to a newer one when there are too many, the oldest first, and does not come back", () => {
    const { logIn, read, credentials, changes } = annAndBob({ loginsOfAccount: 2, endedLoginsOfAccount: 1 });
    for (const number of [3, 4]) logIn("ann", credentials.ann, number);
    expect(changes.map((one) => "tokens" in one && one.tokens)).toEqual([[token(1)]]);
    expect(read({ type: "login", token: token(3) })).toMatchObject({ user: "ann" });
    expect(logIn("ann", credentials.ann, 1)).toEqual({ answer: "not-logged-in" });
    logIn("ann", credentials.ann, 5);
    expect(logIn("ann", credentials.ann, 3)).toEqual({ answer: "not-logged-in" });
  });

  test.each<Exclude<ChatOperation, { readonly type: "create-account" }>>([
    { type: "log-out", token: token(9) },
    { type: "set-password", token: token(9), credential: 1, password: password(1) },
    { type: "delete-account", token: token(9) },
    { type: "send", token: token(9), to: "bob", text: "x", time: 1 },
    { type: "mark-read", token: token(9), ids: [1] },
    { type: "delete-messages", token: token(9), ids: [1] },
  ])("is needed to $type: without it nothing changes", (operation) => {
    const { apply, send, chat, changes } = annAndBob();
    send(1, "bob", "hello");
    const before = [chat.snapshot(), changes.length];
    expect(apply(operation)).toEqual({ answer: "not-logged-in" });
    apply({ type: "log-out", token: token(1) });
    const after = [chat.snapshot(), changes.length];
    expect(apply({ ...operation, token: token(1) })).toEqual({ answer: "not-logged-in" });
    expect([chat.snapshot(), changes.length]).toEqual(after);
    expect(after).not.toEqual(before);
  });
});

describe("a message", () => {
  test("has the next id of the whole chat, which none has again, and is unread until it is marked", () => {
    const { apply, send, read } = annAndBob();
    expect(send(1, "bob", "one")).toMatchObject({ message: { id: 1, from: "ann", to: "bob", read: false } });
    expect(send(2, "ann", "two")).toMatchObject({ message: { id: 2, from: "bob", read: false } });
    apply({ type: "delete-messages", token: token(1), ...ids(2) });
    expect(send(2, "bob", "a note")).toMatchObject({ message: { id: 3, read: true } });
    expect(read({ type: "unread", token: token(2) })).toMatchObject({ messages: [{ id: 1 }], next: null, unread: 1 });
    expect(apply({ type: "mark-read", token: token(2), ...ids(3, 1, 7) })).toEqual({
      answer: "marked",
      count: 1,
      unread: 0,
    });
    expect(read({ type: "conversation", token: token(1), with: "bob" })).toMatchObject({ messages: [{ read: true }] });
    expect(send(1, "nobody", "x")).toEqual({ answer: "no-such-recipient" });
  });

  test("is read by its recipient alone", () => {
    const { apply, send } = annAndBob();
    send(1, "bob", "one");
    expect(apply({ type: "mark-read", token: token(1), ...ids(1) })).toMatchObject({ count: 0 });
    expect(apply({ type: "mark-read", token: token(2), ...ids(1) })).toMatchObject({ count: 1 });
    expect(apply({ type: "mark-read", token: token(2), ...ids(1) })).toMatchObject({ count: 0 });
  });

  test("is deleted for both sides by either of them, and by nobody else", () => {
    const { apply, send, read, create, logIn, changes } = annAndBob();
    logIn("cid", create("cid"), 3);
    for (const text of ["1", "2", "3"]) send(1, "bob", text);
    send(3, "ann", "4");
    expect(apply({ type: "delete-messages", token: token(3), ...ids(1, 2, 3) })).toEqual({
      answer: "deleted",
      count: 0,
    });
    expect(apply({ type: "delete-messages", token: token(2), ...ids(9, 2, 4) })).toEqual({
      answer: "deleted",
      count: 1,
    });
    expect(changes.at(-1)).toMatchObject({ conversations: [{ users: ["ann", "bob"], ids: [2] }] });
    for (const [number, peer] of [
      [1, "bob"],
      [2, "ann"],
    ] as const) {
      expect(read({ type: "conversation", token: token(number), with: peer })).toMatchObject({
        messages: [{ id: 1 }, { id: 3 }],
      });
    }
    expect(read({ type: "login", token: token(2) })).toEqual({ user: "bob", unread: 2 });
    apply({ type: "delete-messages", token: token(1), ...ids(4, 1, 3) });
    expect(changes.at(-1)).toMatchObject({ conversations: [{ ids: [4] }, { ids: [1, 3] }] });
    expect(read({ type: "conversations", token: token(1) })).toEqual({ conversations: [], next: null, unread: 0 });
  });
});

describe("a full chat", () => {
  test("refuses accounts and messages, and takes them when there is room again", () => {
    const { apply, create, send } = annAndBob({ accounts: 2, messages: 2, characters: 5 });
    create("cid");
    expect(apply({ type: "create-account", user: "cid", password: password(), time: 1 })).toEqual({
      answer: "chat-full",
    });
    expect(send(1, "bob", "123456")).toEqual({ answer: "chat-full" });
    expect([send(1, "bob", "123"), send(1, "bob", "45")]).toMatchObject([{ answer: "sent" }, { answer: "sent" }]);
    expect(send(1, "bob", "x")).toEqual({ answer: "chat-full" });
    apply({ type: "delete-messages", token: token(2), ...ids(1) });
    expect(send(1, "bob", "1234")).toEqual({ answer: "chat-full" });
    expect(send(1, "bob", "123")).toMatchObject({ message: { id: 3 } });
    apply({ type: "delete-account", token: token(1) });
    expect(apply({ type: "create-account", user: "cid", password: password(), time: 1 })).toMatchObject({
      user: "cid",
    });
  });
});

describe("news of a chat", () => {
  const newsOf = (log: ReturnType<typeof annAndBob>, user: string, number: number) =>
    log.changes.flatMap((change) => newsFor(change, user, token(number)) ?? []);

  test("are one's own messages, what was read and deleted of them, and who is gone", () => {
    const log = annAndBob();
    const { apply, send, create, logIn } = log;
    logIn("cid", create("cid"), 3);
    send(1, "bob", "hello");
    send(3, "cid", "a note");
    apply({ type: "mark-read", token: token(2), ...ids(1) });
    apply({ type: "delete-messages", token: token(2), ...ids(1) });
    send(2, "ann", "bye");
    apply({ type: "delete-account", token: token(2) });
    const [hello, bye] = [
      { id: 1, text: "hello" },
      { id: 3, text: "bye" },
    ];
    const before = [
      { type: "message", message: hello },
      { type: "read", by: "bob", conversations: [{ from: "ann", ids: [1] }] },
    ];
    const last = { type: "message", message: bye };
    expect(newsOf(log, "ann", 1)).toMatchObject([
      ...before,
      { type: "deleted", conversations: [{ with: "bob", ids: [1] }] },
      last,
      { type: "account-deleted", user: "bob" },
    ]);
    expect(newsOf(log, "bob", 2)).toMatchObject([
      ...before,
      { type: "deleted", conversations: [{ with: "ann", ids: [1] }] },
      last,
      { type: "logged-out" },
    ]);
    expect(newsOf(log, "cid", 3)).toMatchObject([{ message: { text: "a note" } }]);
  });

  test("of an ended login are for that one alone", () => {
    const log = annAndBob();
    log.logIn("ann", log.credentials.ann, 3);
    log.apply({ type: "log-out", token: token(3) });
    expect(newsOf(log, "ann", 3)).toEqual([{ type: "logged-out" }]);
    expect(newsOf(log, "ann", 1)).toEqual([]);
  });
});

describe("an operation is understood", () => {
  const sound: readonly ChatOperation[] = [
    { type: "create-account", user: "a", password: password(), time: 0 },
    { type: "log-in", user: "a", credential: 1, token: token(1) },
    { type: "set-password", token: token(1), credential: 1, password: password() },
    { type: "send", token: token(1), to: "a", text: "x", time: 0 },
    { type: "mark-read", token: token(1), ids: [1] },
  ];
  const broken: readonly [why: string, change: { readonly [name: string]: Json }][] = [
    ["a member too many", { more: 1 }],
    ["another type", { type: "toString" }],
    ["a name with a capital letter", { user: "Ann", to: "Ann" }],
    ["a name of 33 characters", { user: "a".repeat(33), to: "a".repeat(33) }],
    ["a token that is no digest", { token: "1" }],
    ["a text of half a character", { text: "\ud800" }],
    ["a text too long", { text: "x".repeat(4001) }],
    ["no text", { text: "" }],
    ["a time before 1970", { time: -1 }],
    ["a credential that is no slot", { credential: 0 }],
    ["an id twice", { ids: [1, 1] }],
    ["no ids", { ids: [] }],
    ["too many ids", { ids: Array.from({ length: 1001 }, (_, place) => place + 1) }],
    ["a cost that is no power of two", { password: { ...password(), cost: 3 } }],
    ["a cost that nobody can pay", { password: { ...password(), cost: 2 ** 21 } }],
    ["a salt that is not hexadecimal", { password: { ...password(), salt: "x".repeat(32) } }],
    ["a password with more in it", { password: { ...password(), more: 1 } }],
  ];
  const chat = new Chat();

  test.each(sound)("as $type", (operation) => {
    expect(chat.parseOperation(operation as Json)).toEqual(operation);
    for (const name of Object.keys(operation)) {
      const { [name as keyof ChatOperation]: _, ...rest } = operation;
      expect(chat.parseOperation(rest as Json), `without ${name}`).toBeNull();
    }
  });

  test.each(broken)("not with %s", (_, change) => {
    const names = Object.keys(change);
    const some = sound.filter((one) => names[0] === "more" || names.some((name) => name in one));
    expect(some.length).toBeGreaterThan(0);
    for (const one of some) {
      const fitting = Object.fromEntries(Object.entries(change).filter(([name]) => name === "more" || name in one));
      expect(chat.parseOperation({ ...one, ...fitting } as Json)).toBeNull();
    }
  });
});
