import { encodeCommand, encodeOpenSession, type Json } from "@synod/state-machines";
import { describe, expect, test } from "vitest";
import { tokensOf } from "../src/chat/chat-asking.ts";
import { ChatRules } from "../src/chat/chat-rules.ts";
import { CHAT_ALWAYS } from "../src/chat/properties.ts";
import { applies, type RaftEvent } from "./raft-events.ts";

const [ANN, BOB, CID] = ["ann", "bob", "cid"].map((user) => tokensOf(user)[0]) as [string, string, string];
const PASSWORD = { salt: "0".repeat(32), hash: "0".repeat(64), cost: 2, blockSize: 1, parallelization: 1 };

const create = (user: string): Json => ({ type: "create-account", user, password: PASSWORD, time: 0 });
const logIn = (user: string, credential: number, token: string): Json => ({ type: "log-in", user, credential, token });
const send = (token: string, to: string, text: string): Json => ({ type: "send", token, to, text, time: 1 });
const remove = (token: string, ...ids: number[]): Json => ({ type: "delete-messages", token, ids });

/** These are carried out from slot 2 on. */
function log(...operations: readonly Json[]): RaftEvent[] {
  const values = operations.map((operation, place) =>
    encodeCommand({ client: "c", openedAt: 1, sequence: place + 2, firstUnacknowledged: 2, operation }),
  );
  return [encodeOpenSession("c"), ...values].map((value, place) => applies("n1", place + 1, value));
}

/** Ann and Bob, who write to each other from slot 6 on: message 1 is for Bob, message 2 for Ann. */
const BEGINNING = [create("ann"), create("bob"), logIn("ann", 2, ANN), logIn("bob", 3, BOB)];
const WRITING = [...BEGINNING, send(ANN, "bob", "one"), send(BOB, "ann", "two")];
const one = { id: 1, from: "ann", to: "bob", text: "one", time: 1, read: false };
const two = { id: 2, from: "bob", to: "ann", text: "two", time: 1, read: false };
const page = (...messages: readonly Json[]): Json => ({ messages, next: null });

const cost = { messages: 0, flushes: 0 } as never;
/** Somebody asks this, and is told that, as of a slot. */
function reads(query: Json, slot: number, answer: Json): RaftEvent[] {
  const command = { kind: "read", query, level: "strong", label: null, token: null, timeoutMs: 1 } as const;
  const reply = { kind: "read", slot, answer, learner: "n1", token: slot, cost } as const;
  return [
    { kind: "request", node: "c1", requestId: "c1#1", command },
    { kind: "reply", node: "c1", requestId: "c1#1", reply },
  ];
}

/** Somebody does this, and is told that in a slot; or that it is refused. */
function writes(operation: Json, slot: number | "refused", result: Json = null): RaftEvent[] {
  const command = { kind: "write", operation, label: null, session: null, timeoutMs: 1 } as const;
  const written = { kind: "written", slot: Number(slot), result, token: Number(slot), cost } as const;
  const reply = slot === "refused" ? ({ kind: "refused", reason: "no-leader" } as const) : written;
  return [
    { kind: "request", node: "c1", requestId: "c1#2", command },
    { kind: "reply", node: "c1", requestId: "c1#2", reply },
  ];
}

const conversation = (token: string, peer: string): Json => ({ type: "conversation", token, with: peer });
const news = (slot: number, message: Json): Json => ({ slot, news: { type: "message", message } });
const asked = { type: "news", token: ANN, after: 5 };

const CASES: readonly [property: string | null, why: string, events: readonly RaftEvent[]][] = [
  [null, "both are told of both", [...log(...WRITING), ...reads(conversation(ANN, "bob"), 7, page(one, two))]],
  [null, "a server is behind", [...log(...WRITING), ...reads(conversation(BOB, "ann"), 6, page(one))]],
  [
    "messages-are-kept",
    "a message is not told",
    [...log(...WRITING), ...reads(conversation(ANN, "bob"), 7, page(two))],
  ],
  [
    "messages-are-kept",
    "less is deleted than is there",
    [...log(...WRITING, remove(BOB, 1, 2)), ...writes(remove(BOB, 1, 2), 8, { answer: "deleted", count: 1 })],
  ],
  ["messages-come-once", "a text is sent again", log(...WRITING, send(ANN, "bob", "one"))],
  [
    "messages-come-once",
    "an id names another message",
    [...log(...WRITING), ...reads(conversation(ANN, "bob"), 7, page({ ...one, time: 2 }, two))],
  ],
  [
    "messages-come-once",
    "who sent it is told another id",
    [...log(...WRITING), ...writes(send(ANN, "bob", "one"), 6, { answer: "sent", message: { ...one, id: 2 } })],
  ],
  [
    "conversations-are-in-order",
    "a page is told backwards",
    [...log(...WRITING), ...reads(conversation(ANN, "bob"), 7, page(two, one))],
  ],
  [
    "conversations-are-in-order",
    "a page has a message twice",
    [...log(...WRITING), ...reads(conversation(ANN, "bob"), 7, page(one, one, two))],
  ],
  [
    "unread-counts-are-right",
    "a count is wrong",
    [...log(...WRITING), ...reads({ type: "login", token: ANN }, 7, { user: "ann", unread: 0 })],
  ],
  [
    "unread-counts-are-right",
    "a login is told a wrong count",
    [
      ...log(...WRITING, logIn("ann", 2, ANN)),
      ...writes(logIn("ann", 2, ANN), 8, { answer: "logged-in", user: "ann", unread: 2 }),
    ],
  ],
  [
    "unread-counts-are-right",
    "the count of a conversation is wrong",
    [
      ...log(...WRITING),
      ...reads({ type: "conversations", token: ANN }, 7, {
        conversations: [{ with: "bob", messages: 2, unread: 2, last: two }],
        next: null,
        unread: 1,
      }),
    ],
  ],
  [
    "unread-counts-are-right",
    "what is unread is not told",
    [...log(...WRITING), ...reads({ type: "unread", token: ANN }, 7, { messages: [], next: null, unread: 1 })],
  ],
  [
    "nobody-acts-for-another",
    "something is done without a login",
    [
      ...log(...WRITING, send(CID, "bob", "x")),
      ...writes(send(CID, "bob", "x"), 8, { answer: "sent", message: { ...one, id: 3, text: "x" } }),
    ],
  ],
  [
    "nobody-acts-for-another",
    "a password of before counts",
    [
      ...log(...WRITING, logIn("ann", 1, ANN)),
      ...writes(logIn("ann", 1, ANN), 8, { answer: "logged-in", user: "ann", unread: 1 }),
    ],
  ],
  [
    "nobody-acts-for-another",
    "something is told without a login",
    [...log(...WRITING), ...reads({ type: "login", token: CID }, 7, { user: "cid", unread: 0 })],
  ],
  [
    "nobody-acts-for-another",
    "somebody is told what others wrote",
    [...log(...WRITING, create("cid"), logIn("cid", 8, CID)), ...reads(conversation(CID, "bob"), 9, page(one))],
  ],
  [
    "nobody-acts-for-another",
    "more is deleted than one's own",
    [...log(...WRITING, remove(BOB, 1, 9)), ...writes(remove(BOB, 1, 9), 8, { answer: "deleted", count: 2 })],
  ],
  [
    "deleted-is-gone",
    "a deleted message is told",
    [...log(...WRITING, remove(BOB, 1)), ...reads(conversation(ANN, "bob"), 8, page(one, two))],
  ],
  [
    null,
    "a deleted message is told of the time before",
    [...log(...WRITING, remove(BOB, 1)), ...reads(conversation(ANN, "bob"), 7, page(one, two))],
  ],
  [
    "refused-is-not-sent",
    "what was refused is sent",
    [...writes(send(ANN, "bob", "one"), "refused"), ...log(...WRITING)],
  ],
  [
    "refused-is-not-sent",
    "what is sent is refused",
    [...log(...WRITING), ...writes(send(ANN, "bob", "one"), "refused")],
  ],
  [
    null,
    "all news are told, and some of them, where a server says that others are gone",
    [
      ...log(...WRITING),
      ...reads(asked, 7, { news: [news(6, one), news(7, two)], compactedThrough: null }),
      ...reads(asked, 7, { news: [news(7, two)], compactedThrough: 6 }),
    ],
  ],
  [
    "watchers-miss-nothing",
    "a change is left out",
    [...log(...WRITING), ...reads(asked, 7, { news: [news(7, two)], compactedThrough: null })],
  ],
  [
    "watchers-miss-nothing",
    "a change is told twice",
    [...log(...WRITING), ...reads(asked, 6, { news: [news(6, one), news(6, one)], compactedThrough: null })],
  ],
  [
    "watchers-miss-nothing",
    "changes are said to be gone that are still to come",
    [...log(...WRITING), ...reads(asked, 7, { news: [], compactedThrough: 9 })],
  ],
  [
    "watchers-miss-nothing",
    "who has a name now is told what was for the one before",
    [
      ...log(...WRITING, { type: "delete-account", token: ANN }, create("ann"), logIn("ann", 9, ANN)),
      ...reads(asked, 10, { news: [news(6, one), news(7, two)], compactedThrough: null }),
    ],
  ],
];

/** What these events break, in the order in which they do. */
function brokenBy(events: readonly RaftEvent[]): string[] {
  const watch = new ChatRules({});
  const broken: string[] = [];
  for (const event of events) watch.observe(event, (name) => void broken.push(name));
  return broken;
}

describe("the watch of a chat", () => {
  test.each(CASES)("says %s where %s", (property, _, events) => {
    expect(brokenBy(events).slice(0, 1)).toEqual(property === null ? [] : [property]);
  });

  test("has a case for every property", () => {
    const tested = new Set(CASES.flatMap(([property]) => property ?? []));
    expect([...tested].sort()).toEqual(CHAT_ALWAYS.map(({ name }) => name).sort());
  });
});
