import { ENGINES } from "@synod/api";
import { beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../cluster-stage.ts";
import { ChatStage, type Login, PASSWORD } from "./chat-stage.ts";

const NEW_PASSWORD = "battery staple";
const refusal = ({ status, body }: Answer) => [status, body.code, body.detail];
const said = (words: string) => expect.stringContaining(words);

/** What is done in somebody's name, each in a form that the chat takes. */
const IN_MY_NAME: readonly (readonly [string, object | undefined])[] = [
  ["GET /chat/accounts", undefined],
  ["GET /chat/login", undefined],
  ["GET /chat/conversations", undefined],
  ["GET /chat/conversations/eve", undefined],
  ["GET /chat/unread", undefined],
  ["GET /chat/events", undefined],
  ["POST /chat/messages", { to: "eve", text: "hello" }],
  ["POST /chat/read", { ids: [1] }],
  ["POST /chat/delete", { ids: [1] }],
  ["POST /chat/password", { password: PASSWORD, new_password: NEW_PASSWORD }],
  ["POST /chat/logout", {}],
  ["POST /chat/account/delete", {}],
];

const PATHS = [
  "/chat/account/delete",
  "/chat/accounts",
  "/chat/accounts/{user}",
  "/chat/conversations",
  "/chat/conversations/{user}",
  "/chat/delete",
  "/chat/events",
  "/chat/login",
  "/chat/logins",
  "/chat/logout",
  "/chat/messages",
  "/chat/password",
  "/chat/read",
  "/chat/sessions",
  "/chat/unread",
];

/** What a person may rely on, whichever engine decides. One chat for all tests; each has people of its own. */
describe.each(ENGINES)("the chat's routes on %s", (engine) => {
  let stage: ChatStage;
  let clerk: Login;
  beforeAll(async () => {
    stage = await ChatStage.onThreeNodes(engine);
    clerk = await stage.somebody("clerk");
    return () => stage.end();
  });

  describe("accounts", () => {
    test("are made once, whoever asks, and anybody may see whether a name is taken", async () => {
      const look = async () => (await stage.ask("GET /chat/accounts/made", undefined, "gateway2")).body;
      expect(await look()).toEqual({ user: "made", exists: false });
      const made = await stage.create("made", "gateway1");
      expect([made.status, made.body.user]).toEqual([200, "made"]);
      expect(made.body.cost).toMatchObject({ messages: expect.any(Number), sharedBy: 1 });
      expect(await look()).toEqual({ user: "made", exists: true });
      const again = await stage.create("made", "gateway3");
      expect(refusal(again)).toEqual([409, "username-taken", said("Username already exists.")]);
    });

    test("of one name that are asked for at the same time are one account: the log decides whose", async () => {
      const answers = await Promise.all([1, 2, 3].map((node) => stage.create("raced", `gateway${node}`)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    });

    test("are found by glob and by page, by whoever is logged in", async () => {
      const me = await stage.somebody("globe");
      for (const user of ["glob.b", "glob.a", "glob.c"]) await stage.create(user);
      const page = async (query: string) => (await me.ask(`GET /chat/accounts?${query}`, undefined, "gateway2")).body;
      expect(await page("pattern=glob.*&limit=2")).toEqual({ users: ["glob.a", "glob.b"], next: "glob.b" });
      expect(await page("pattern=glob.*&limit=2&after=glob.b")).toEqual({ users: ["glob.c"], next: null });
      expect((await page("")).users).toContain("globe");
      expect(refusal(await stage.ask("GET /chat/accounts"))).toEqual([401, "not-logged-in", said("Not logged in.")]);
    });

    test("that are deleted take their conversations along, on both sides, and leave their name to others", async () => {
      const [gone, stays] = [await stage.somebody("gone"), await stage.somebody("stays")];
      await gone.send("stays", "hello");
      await stays.send("stays", "a note");
      expect((await gone.ask("POST /chat/account/delete", {})).body.user).toBe("gone");
      const { conversations, unread } = (await stays.ask("GET /chat/conversations")).body;
      expect([conversations.map((one: { with: string }) => one.with), unread]).toEqual([["stays"], 0]);
      expect(refusal(await stays.send("gone", "?"))).toEqual([
        404,
        "no-such-recipient",
        said("Recipient does not exist."),
      ]);
      expect(refusal(await gone.ask("GET /chat/login"))[1]).toBe("not-logged-in");
      expect((await stage.create("gone")).status).toBe(200);
    });
  });

  describe("logging in", () => {
    test("takes the account's password alone, and tells how much is unread", async () => {
      const [anna] = [await stage.somebody("anna"), await stage.create("ben")];
      await anna.send("ben", "one");
      await anna.send("ben", "two");
      const wrong = await stage.ask("POST /chat/logins", { user: "ben", password: `${PASSWORD}!` });
      expect(refusal(wrong)).toEqual([403, "incorrect-password", said("Incorrect password.")]);
      const nobody = await stage.ask("POST /chat/logins", { user: "nobody", password: PASSWORD });
      expect(refusal(nobody)).toEqual([404, "no-such-user", said("No such user.")]);
      const ben = await stage.logIn("ben", "gateway3");
      expect(ben.unread).toBe(2);
      expect(ben.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect((await ben.ask("GET /chat/login", undefined, "gateway2")).body).toEqual({ user: "ben", unread: 2 });
    });

    test("with a token of one's own is one login, however often it is asked for, and nobody else's", async () => {
      await Promise.all([stage.create("once"), stage.create("thief")]);
      const token = engine.padEnd(43, "-");
      const logIn = (user: string, at: string) =>
        stage.ask("POST /chat/logins", { user, password: PASSWORD, token }, at);
      const answers = await Promise.all([1, 2, 3].map((node) => logIn("once", `gateway${node}`)));
      expect(answers.map(({ status, body }) => [status, body.token])).toEqual(Array(3).fill([200, token]));
      expect((await logIn("thief", "gateway1")).body.code).toBe("incorrect-password");
      const out = (at: string) => stage.ask("POST /chat/logout", {}, at, { "synod-login": token });
      expect((await out("gateway1")).body.user).toBe("once");
      expect((await out("gateway2")).body.code).toBe("not-logged-in");
    });

    test("ends with the logout at every node, at once", async () => {
      const login = await stage.somebody("leaver");
      expect((await login.ask("POST /chat/logout", {}, "gateway1")).status).toBe(200);
      const late = await Promise.all(
        IN_MY_NAME.flatMap(([request, body]) => ["gateway2", "gateway3"].map((at) => login.ask(request, body, at))),
      );
      expect(new Set(late.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(["401 not-logged-in"]));
    });

    test("with a changed password ends all other logins; the old one is good for nothing", async () => {
      const [here, there] = [await stage.somebody("careful"), await stage.logIn("careful", "gateway2")];
      const change = (password: string) =>
        here.ask("POST /chat/password", { password, new_password: NEW_PASSWORD }, "gateway3");
      expect(refusal(await change("a guess"))).toEqual([403, "incorrect-password", said("Incorrect password.")]);
      expect((await there.ask("GET /chat/login")).status).toBe(200);
      expect((await change(PASSWORD)).body.user).toBe("careful");
      expect([(await there.ask("GET /chat/login")).status, (await here.ask("GET /chat/login")).status]).toEqual([
        401, 200,
      ]);
      await expect(stage.logIn("careful")).rejects.toThrow("Incorrect password.");
      const { status } = await stage.ask("POST /chat/logins", { user: "careful", password: NEW_PASSWORD });
      expect(status).toBe(200);
    });

    test("takes a password that looks the same, however it was composed", async () => {
      await stage.ask("POST /chat/accounts", { user: "umlaut", password: "schl\u00fcssel" });
      const { status } = await stage.ask("POST /chat/logins", { user: "umlaut", password: "schlu\u0308ssel" });
      expect(status).toBe(200);
    });

    test.each(IN_MY_NAME)("is needed for %s", async (request, body) => {
      const without = await stage.ask(request, body);
      expect(refusal(without)).toEqual([401, "not-logged-in", said("Not logged in.")]);
      for (const token of ["", "short", "x".repeat(43), "ü".repeat(20)]) {
        const { status } = await stage.ask(request, body, "gateway2", { "synod-login": encodeURIComponent(token) });
        expect(status).toBe(401);
      }
    });
  });

  describe("messages", () => {
    let eve: Login;
    let fay: Login;
    beforeAll(async () => {
      [eve, fay] = [await stage.somebody("eve"), await stage.somebody("fay")];
    });

    test("are there at every node once they are sent, in the order in which they were", async () => {
      const { body } = await eve.send("fay", "hello, fay", "gateway1");
      expect(body.message).toMatchObject({ from: "eve", to: "fay", text: "hello, fay", read: false });
      expect(Math.abs(body.message.time - Date.now())).toBeLessThan(60_000);
      for (const text of ["2", "3", "4"]) await eve.send("fay", text, "gateway2");
      await fay.send("eve", "5", "gateway3");
      const texts = ["hello, fay", "2", "3", "4", "5"];
      for (const at of ["gateway1", "gateway2", "gateway3"]) {
        expect(await eve.texts("fay", at)).toEqual(texts);
        expect(await fay.texts("eve", at)).toEqual(texts);
      }
    });

    test("are unread until they are marked as such, by whom they are for alone", async () => {
      const unread = async () => (await fay.ask("GET /chat/unread?from=eve&limit=3")).body;
      const first = await unread();
      expect(first).toMatchObject({ messages: [{ text: "hello, fay" }, { text: "2" }, { text: "3" }], unread: 4 });
      expect(await unread()).toEqual(first);
      const rest = (await fay.ask(`GET /chat/unread?after=${first.next}`)).body;
      expect(rest).toMatchObject({ messages: [{ text: "4" }], next: null });
      const ids = first.messages.map(({ id }: { id: number }) => id);
      expect((await eve.ask("POST /chat/read", { ids })).body).toMatchObject({ count: 0 });
      expect((await fay.ask("POST /chat/read", { ids })).body).toMatchObject({ count: 3, unread: 1 });
      expect((await fay.ask("POST /chat/read", { ids })).body).toMatchObject({ count: 0, unread: 1 });
      const { conversations } = (await fay.ask("GET /chat/conversations")).body;
      expect(conversations).toMatchObject([{ with: "eve", messages: 5, unread: 1, last: { text: "5" } }]);
      const { messages } = (await eve.ask("GET /chat/conversations/fay")).body;
      expect(messages.map(({ read }: { read: boolean }) => read)).toEqual([true, true, true, false, false]);
    });

    test("come by pages, the newest first, with where the next one begins", async () => {
      const page = async (query: string) => (await eve.ask(`GET /chat/conversations/fay?${query}`)).body;
      const newest = await page("limit=3");
      const older = await page(`limit=3&before=${newest.next}`);
      const texts = [older, newest].flatMap(({ messages }) => messages.map(({ text }: { text: string }) => text));
      expect([texts, older.next]).toEqual([["hello, fay", "2", "3", "4", "5"], null]);
      await eve.send("eve", "a note");
      const first = (await eve.ask("GET /chat/conversations?limit=1")).body;
      expect(first.conversations).toMatchObject([{ with: "eve" }]);
      const second = (await eve.ask(`GET /chat/conversations?before=${first.next}`)).body;
      expect([second.conversations[0].with, second.next]).toEqual(["fay", null]);
    });

    test("are deleted for both sides, and by nobody who is neither", async () => {
      const { messages } = (await eve.ask("GET /chat/conversations/fay")).body;
      const ids = messages.slice(0, 2).map(({ id }: { id: number }) => id);
      const stranger = await stage.somebody("stranger");
      expect((await stranger.ask("POST /chat/delete", { ids })).body.count).toBe(0);
      expect((await fay.ask("POST /chat/delete", { ids }, "gateway2")).body.count).toBe(2);
      expect(await eve.texts("fay", "gateway3")).toEqual(["3", "4", "5"]);
      expect((await eve.ask("POST /chat/delete", { ids }, "gateway2")).body.count).toBe(0);
      expect(refusal(await eve.ask("GET /chat/conversations/nobody"))).toEqual([
        404,
        "no-such-user",
        said("No such user."),
      ]);
      expect(refusal(await eve.ask("GET /chat/unread?from=nobody"))[1]).toBe("no-such-user");
    });
  });

  describe("a request that is sent again under its number in a session, at another node,", () => {
    let numbers = 2;
    let session: { client: string; openedAt: number; firstUnacknowledged: number };
    beforeAll(async () => {
      const client = `session-${engine}`;
      const { openedAt } = (await stage.ask("POST /chat/sessions", { client })).body;
      session = { client, openedAt, firstUnacknowledged: 2 };
    });
    const numbered = () => ({ session: { ...session, sequence: numbers++ } });
    const twice = async (ask: (more: object, at: string) => Promise<Answer>) => {
      const number = numbered();
      return [await ask(number, "gateway1"), await ask(number, "gateway2")] as const;
    };

    test("happens once, and has the first one's answer, whatever the chat is like by then", async () => {
      const [made, madeAgain] = await twice((more, at) => stage.create("numbered", at, more));
      expect([made.status, madeAgain.status, madeAgain.body.user]).toEqual([200, 200, "numbered"]);
      const me = await stage.logIn("numbered");
      const [sent, again] = await twice((more, at) =>
        me.ask("POST /chat/messages", { to: "numbered", text: "once", ...more }, at),
      );
      expect(again.body.message).toEqual(sent.body.message);
      expect(await me.texts("numbered")).toEqual(["once"]);
      const ids = [sent.body.message.id];
      const [, deleted] = await twice((more, at) => me.ask("POST /chat/delete", { ids, ...more }, at));
      expect(deleted.body.count).toBe(1);
      const passwords = { password: PASSWORD, new_password: NEW_PASSWORD };
      const changed = await twice((more, at) => me.ask("POST /chat/password", { ...passwords, ...more }, at));
      expect(changed.map(({ status }) => status)).toEqual([200, 200]);
      const wrong = await twice((more, at) => me.ask("POST /chat/password", { ...passwords, ...more }, at));
      expect(wrong.map(({ body }) => body.code)).toEqual(["incorrect-password", "incorrect-password"]);
      const out = await twice((more, at) => me.ask("POST /chat/logout", more, at));
      expect(out.map(({ status }) => status)).toEqual([200, 200]);
      const taken = await twice((more, at) => stage.create("numbered", at, more));
      expect(taken.map(({ body }) => body.code)).toEqual(["username-taken", "username-taken"]);
    });

    test("but is another one, is told so", async () => {
      const me = await stage.somebody("muddled");
      const number = numbered();
      await me.ask("POST /chat/messages", { to: "muddled", text: "1", ...number });
      const other = await me.ask("POST /chat/logout", number);
      expect(refusal(other)).toEqual([400, "bad-request", said("Give each request a number of its own")]);
      expect((await me.ask("GET /chat/login")).status).toBe(200);
      const unknown = { session: { ...number.session, client: "unknown" } };
      const expired = await me.ask("POST /chat/messages", { to: "muddled", text: "2", ...unknown });
      expect(refusal(expired)).toEqual([409, "session-expired", said("Read the conversation, or log in, to see")]);
    });
  });

  test.each([
    [
      "POST /chat/accounts",
      { user: "Ann", password: PASSWORD },
      "body/user is not what it must be: 1 to 32 of a-z, 0-9",
    ],
    ["POST /chat/accounts", { user: "ann", password: "seven77" }, "body/password has fewer than 8 characters"],
    [
      "POST /chat/accounts",
      { user: "ann", password: "x".repeat(1001) },
      "body/password has more than 1,000 characters",
    ],
    ["POST /chat/accounts", { user: "ann", password: `pass word \ud800` }, "half a surrogate pair"],
    ["POST /chat/accounts", { user: "ann" }, "must have required property 'password'"],
    ["POST /chat/accounts", { user: "ann", password: PASSWORD, admin: true }, 'unknown field "admin"'],
    [
      "POST /chat/logins",
      { user: "ann", password: PASSWORD, token: "short" },
      "body/token is not what it must be: 32 random bytes",
    ],
    ["POST /chat/messages", { to: "ann", text: "" }, "body/text is empty"],
    ["POST /chat/messages", { to: "ann", text: "x".repeat(4001) }, "body/text has more than 4,000 characters"],
    [
      "POST /chat/messages",
      { to: "ann", text: "😀".repeat(2001) },
      "body/text has 4002 characters, as UTF-16 counts them",
    ],
    ["POST /chat/messages", { to: "ann", text: "\udc00" }, "half a surrogate pair: it must be well-formed Unicode"],
    ["POST /chat/messages", { to: "ann", text: "x", timeout_ms: 0 }, "timeout_ms"],
    ["POST /chat/messages", { to: "ann", text: "x", session: { client: "c" } }, "body/session"],
    ["POST /chat/read", { ids: [] }, "body/ids has no entry"],
    ["POST /chat/delete", { ids: [1, 1] }, "body/ids"],
    ["GET /chat/accounts/Ann", undefined, "params/user is not what it must be: 1 to 32"],
    ["GET /chat/accounts?pattern=", undefined, "pattern is a glob of 1 to"],
    ["GET /chat/accounts?limit=501", undefined, "limit is a whole number 1..500"],
    ["GET /chat/conversations?before=0", undefined, "before is the id of a message"],
    ["GET /chat/conversations?before=x", undefined, "querystring/before"],
    ["GET /chat/conversations/Ann", undefined, "params/user"],
    ["GET /chat/unread?from=Ann", undefined, "from is a user's name"],
    ["GET /chat/login?user=ann", undefined, 'unknown field "user"'],
    ["GET /chat/events?x=1", undefined, 'unknown field "x"'],
  ])("%s %j is a bad request, says why, and changes nothing", async (request, body, why) => {
    expect(refusal(await clerk.ask(request, body))).toEqual([400, "bad-request", said(why)]);
  });

  test("there are its own routes and no others, and its status and gauges count what is there", async () => {
    for (const request of ["GET /kv/a", "GET /ledger/chain", "POST /write", "POST /subscribe"]) {
      const { body } = await stage.ask(request, request.startsWith("POST") ? {} : undefined);
      expect(body.code, request).toBe("not-found");
    }
    expect((await stage.ask("DELETE /chat/messages")).status).toBe(405);
    const { paths } = (await stage.ask("GET /openapi.json")).body;
    expect(
      Object.keys(paths)
        .filter((path) => path.startsWith("/chat"))
        .sort(),
    ).toEqual(PATHS);
    const server = engine === "raft" ? "raft2" : "learner2";
    const { accounts, messages, keys } = (await stage.ask("GET /status", undefined, server)).body;
    expect([accounts > 3, messages > 3, keys]).toEqual([true, true, undefined]);
    const metrics = await (await fetch(stage.cluster.url(server, "/metrics"))).text();
    expect(metrics).toContain(`synod_chat_accounts ${accounts}\n`);
    expect(metrics).toContain(`synod_chat_messages ${messages}\n`);
    expect(await stage.cluster.status()).toMatchObject({ application: "chat", engine, quorum: true });
  });
});
