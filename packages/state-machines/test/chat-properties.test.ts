import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatLimits, ChatOperation, ChatQuery, Json } from "../src/index.ts";
import { chatLog, password, token } from "./chat-log.ts";
import { NaiveChat } from "./naive-chat.ts";

/** Few of everything, so that most operations meet something. */
const user = fc.constantFrom("a", "b", "c.d", "c_d");
const device = fc.integer({ min: 1, max: 6 }).map(token);
const time = fc.nat(3);
const someIds = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
/** What an operation names for a credential: the current one of that account mostly, else some slot. */
const credential = fc.option(fc.integer({ min: 1, max: 40 }), { freq: 8 });

const operation = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant("create-account" as const), user, time }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("log-in" as const), user, credential, token: device }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("log-out" as const), token: device }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("set-password" as const), credential, token: device }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete-account" as const), token: device }) },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("send" as const),
      token: device,
      to: user,
      text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }),
      time,
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("mark-read" as const), token: device, ids: someIds }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("delete-messages" as const), token: device, ids: someIds }) },
);
type Drawn = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** With these it begins: where nobody is there, little happens. */
const BEGINNING: readonly Drawn[] = (["a", "b", "c.d"] as const).flatMap((name, place): Drawn[] => [
  { type: "create-account", user: name, time: 0 },
  { type: "log-in", user: name, credential: null, token: token(place + 1) },
]);
const operations = fc.array(operation, { maxLength: 60, size: "max" }).map((some) => [...BEGINNING, ...some]);

const limits: fc.Arbitrary<ChatLimits> = fc.record({
  accounts: fc.integer({ min: 2, max: 4 }),
  messages: fc.integer({ min: 3, max: 20 }),
  characters: fc.integer({ min: 10, max: 80 }),
  loginsOfAccount: fc.integer({ min: 1, max: 3 }),
  endedLoginsOfAccount: fc.nat(2),
});

const QUERIES: readonly ChatQuery[] = ["a", "b", "c.d", "c_d"].flatMap((name, place) => {
  const mine = { token: token(place + 1) };
  return [
    { type: "account", user: name },
    { type: "credential", user: name },
    { type: "login", ...mine },
    { type: "accounts", ...mine, pattern: ["*", "c*", "*d", "c.d"][place] ?? "*", limit: 1 },
    { type: "accounts", ...mine, after: "b" },
    { type: "conversations", ...mine, limit: 1 },
    { type: "conversations", ...mine, before: 6 },
    { type: "conversation", ...mine, with: "a", limit: 2 },
    { type: "conversation", ...mine, with: "b", before: 5, limit: 2 },
    { type: "conversation", ...mine, with: name },
    { type: "unread", ...mine, limit: 1 },
    { type: "unread", ...mine, from: "b", after: 2, limit: 2 },
    { type: "counts" },
  ] as const;
});

type Log = ReturnType<typeof chatLog>;

/** The operation, with what it takes from how the chat is just now. */
function meant(drawn: Drawn, { read, slot }: Log): ChatOperation {
  if (drawn.type === "create-account") return { ...drawn, password: password(slot()) };
  if (drawn.type !== "log-in" && drawn.type !== "set-password") return drawn;
  const login = read({ type: "login", token: drawn.token }) as { readonly user?: string };
  const name = drawn.type === "log-in" ? drawn.user : (login.user ?? "a");
  const known = read({ type: "credential", user: name }) as { readonly credential: number } | null;
  const credential = drawn.credential ?? known?.credential ?? 1;
  if (drawn.type === "log-in") return { ...drawn, credential };
  return { type: "set-password", token: drawn.token, credential, password: password(slot()) };
}

describe("a chat, whatever happens in it", () => {
  test("answers every operation and every question as lists and filters do", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(operations, limits, (drawn, some) => {
        const log = chatLog(some);
        const naive = new NaiveChat(some);
        for (const one of drawn) {
          const each = meant(one, log);
          const { answer, ...rest } = log.apply(each);
          expect({ answer, ...rest }).toEqual(naive.apply(log.slot(), each));
          seen.set(answer, (seen.get(answer) ?? 0) + 1);
        }
        for (const query of QUERIES) expect(log.read(query), JSON.stringify(query)).toEqual(naive.answer(query));
      }),
      { numRuns: 300 },
    );
    // Or lists and filters would have agreed on little.
    const answers = ["sent", "marked", "deleted", "logged-out", "password-set", "account-deleted", "chat-full"];
    for (const answer of answers) expect(seen.get(answer) ?? 0, answer).toBeGreaterThan(0);
  });

  test("goes on after a restoration as if there had been none, to the byte, with the same changes", () => {
    fc.assert(
      fc.property(operations, limits, fc.nat(60), (drawn, some, cut) => {
        const one = chatLog(some);
        let other = chatLog(some);
        for (const [place, each] of drawn.entries()) {
          if (place === cut) other.chat.restore(JSON.parse(JSON.stringify(one.chat.snapshot())));
          const next = meant(each, one);
          const result = one.apply(next);
          if (place >= cut) {
            other = { ...other, slot: one.slot };
            const again = other.chat.apply(one.slot(), next);
            expect(JSON.stringify(again.result)).toBe(JSON.stringify(result));
            other.changes.push(...again.changes);
          }
        }
        if (cut >= drawn.length) return;
        expect(other.chat.snapshot()).toEqual(one.chat.snapshot());
        expect(JSON.stringify(one.changes.slice(one.changes.length - other.changes.length))).toBe(
          JSON.stringify(other.changes),
        );
        for (const query of QUERIES) expect(other.read(query)).toEqual(one.read(query));
      }),
      { numRuns: 150 },
    );
  });

  test("pages lead through everything once, in order, whatever the length of a page", () => {
    const { create, logIn, send, read, apply } = chatLog();
    for (const [place, name] of ["a", "b", "c"].entries()) logIn(name, create(name), place + 1);
    for (let count = 0; count < 40; count++) send(1 + (count % 3), ["b", "a"][count % 2] ?? "a", `${count}`);
    apply({ type: "delete-messages", token: token(1), ids: [3, 8, 14] });
    const walk = (query: ChatQuery, by: "after" | "before", limit: number): Json[] => {
      const found: Json[] = [];
      for (let next: Json | undefined; next !== null; ) {
        const from = next === undefined ? {} : { [by]: next };
        const page = read({ ...query, ...from, limit } as ChatQuery) as { readonly [name: string]: Json };
        const part = (page["messages"] ?? page["conversations"] ?? page["users"]) as Json[];
        expect(part.length).toBeLessThanOrEqual(limit);
        if (query.type === "conversation") found.unshift(...part);
        else found.push(...part);
        next = page["next"] ?? null;
      }
      return found;
    };
    const mine = { token: token(1) };
    for (const limit of [1, 2, 3, 7]) {
      const unread = { type: "unread", ...mine } as const;
      expect(walk(unread, "after", limit)).toEqual((read(unread) as { messages: Json[] }).messages);
      const conversation = { type: "conversation", ...mine, with: "b" } as const;
      expect(walk(conversation, "before", limit)).toEqual((read(conversation) as { messages: Json[] }).messages);
      const conversations = { type: "conversations", ...mine } as const;
      expect(walk(conversations, "before", limit)).toHaveLength(3);
      expect(walk({ type: "accounts", ...mine }, "after", limit)).toEqual(["a", "b", "c"]);
    }
  });

  test("never throws at a value that is no operation, nor at a question", () => {
    const { chat } = chatLog();
    const names = fc.constantFrom("type", "token", "user", "ids", "limit", "pattern", "__proto__", "with");
    const any = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constantFrom("send", "unread"))),
    );
    fc.assert(
      fc.property(any, (json) => {
        const plain: Json = JSON.parse(JSON.stringify(json));
        expect(chat.parseOperation(plain)).toBeNull();
        expect(chat.read(plain)).toEqual({ error: expect.any(String) });
      }),
    );
  });
});
