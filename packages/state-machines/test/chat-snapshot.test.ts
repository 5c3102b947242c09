import { describe, expect, test } from "vitest";
import { Chat, type Json } from "../src/index.ts";
import { annAndBob, password, token } from "./chat-log.ts";

/** A chat with something of everything. */
function lived() {
  const log = annAndBob();
  log.send(1, "bob", "one");
  log.send(2, "ann", "two");
  log.send(1, "ann", "a note");
  log.apply({ type: "mark-read", token: token(2), ids: [1] });
  log.logIn("bob", log.credentials.bob, 3);
  log.apply({ type: "log-out", token: token(3) });
  return log;
}

const ROWS: readonly Json[] = JSON.parse(lived().chat.snapshot().join(""));
const [HEAD, ANN, BOB, ...MESSAGES] = ROWS as [Json, Json[], Json[], ...Json[][]];
const [FIRST, SECOND, NOTE] = MESSAGES as [Json[], Json[], Json[]];

/** A row with another member at a place. */
const but = (row: readonly Json[], place: number, member: Json): Json =>
  row.map((one, at) => (at === place ? member : one));
const pieces = (...rows: readonly Json[]): string[] => [JSON.stringify(rows)];

describe("a snapshot of a chat", () => {
  test("has all of it: accounts with their logins by name, messages by id, and the id of the next one", () => {
    const { credentials } = lived();
    expect(ROWS).toEqual([
      ["chat", 4],
      ["account", "ann", credentials.ann, credentials.ann, password(), [token(1)], []],
      ["account", "bob", credentials.bob, credentials.bob, password(), [token(2)], [token(3)]],
      ["message", 1, "ann", "bob", "one", expect.any(Number), true],
      ["message", 2, "bob", "ann", "two", expect.any(Number), false],
      ["message", 3, "ann", "ann", "a note", expect.any(Number), true],
    ]);
  });

  test("of an empty chat takes everything away", () => {
    const { chat } = lived();
    chat.restore(new Chat().snapshot());
    expect(chat.counts).toEqual({ accounts: 0, messages: 0, logins: 0 });
    expect(chat.snapshot()).toEqual(new Chat().snapshot());
  });

  test.each<[why: string, pieces: readonly string[]]>([
    ["nothing", []],
    ["text that is no JSON", ["["]],
    ["no rows", ["[]"]],
    ["another machine's rows", pieces(["k", "v", 1])],
    ["no first row", pieces(ANN)],
    ["a first row with more in it", pieces(["chat", 4, 1])],
    ["a first row without an id", pieces(["chat", 0])],
    ["a first row twice", pieces(HEAD, HEAD)],
    ["a row of another kind", pieces(HEAD, ANN, ["login", token(1)])],
    ["accounts not in their order", pieces(HEAD, BOB, ANN)],
    ["an account twice", pieces(HEAD, ANN, ANN)],
    ["an account without a name", pieces(HEAD, but(ANN, 1, ""))],
    ["an account that was made in no slot", pieces(HEAD, but(ANN, 2, 0))],
    ["a password older than its account", pieces(HEAD, but(ANN, 3, 0))],
    ["no password", pieces(HEAD, but(ANN, 4, null))],
    ["a login that is no digest", pieces(HEAD, but(ANN, 5, ["x"]))],
    ["no logins", pieces(HEAD, but(ANN, 5, 7))],
    ["a login twice", pieces(HEAD, but(ANN, 5, [token(1), token(1)]))],
    ["a login of two accounts", pieces(HEAD, ANN, but(BOB, 5, [token(1)]))],
    ["a login that lives and has ended", pieces(HEAD, but(ANN, 6, [token(1)]))],
    ["an account with more in it", pieces(HEAD, [...ANN, 1])],
    ["an account behind a message", pieces(HEAD, ANN, NOTE, BOB)],
    ["a message of nobody", pieces(HEAD, ANN, FIRST)],
    ["a message to nobody", pieces(HEAD, BOB, FIRST)],
    ["a message without an id", pieces(HEAD, ANN, BOB, but(FIRST, 1, 0))],
    ["a message twice", pieces(HEAD, ANN, BOB, FIRST, FIRST)],
    ["messages not in their order", pieces(HEAD, ANN, BOB, SECOND, FIRST)],
    ["a message from the time to come", pieces(["chat", 1], ANN, BOB, FIRST)],
    ["a message without a text", pieces(HEAD, ANN, BOB, but(FIRST, 4, ""))],
    ["a message without a time", pieces(HEAD, ANN, BOB, but(FIRST, 5, null))],
    ["a message of which nobody knows whether it is read", pieces(HEAD, ANN, BOB, but(FIRST, 6, 1))],
    ["a note that one has not read", pieces(HEAD, ANN, BOB, but(NOTE, 6, false))],
    ["a message with more in it", pieces(HEAD, ANN, BOB, [...FIRST, 1])],
  ])("with %s is refused, and leaves everything as it was", (_, some) => {
    const { chat } = lived();
    const before = chat.snapshot();
    expect(() => chat.restore(some)).toThrow(expect.objectContaining({ name: "NotASnapshot" }));
    expect(chat.snapshot()).toEqual(before);
  });
});
