import { NO_OP } from "@synod/consensus";
import { describe, expect, test } from "vitest";
import {
  encodeOpenSession,
  findNonce,
  type Json,
  Ledger,
  type LedgerMapPage,
  ledgerCommandJson,
  ledgerOf,
  operationComplaint,
  parseBlockRecord,
  parseLedgerCommand,
  requestIdOf,
} from "../src/index.ts";
import { get, mined, put, replica, replicaOf, request } from "./ledger-log.ts";
import { naiveHash, naiveProof, naiveText } from "./naive-ledger.ts";

describe("a proof of work", () => {
  test.each([0, 1, 5])("of difficulty %d is what another SHA-256 and numbers of any size call one", (difficulty) => {
    const operation = put("alice", { b: 1, a: [2, "é"] });
    const command = (nonce: number) => ledgerCommandJson({ operation, nonce, proposer: "server1", time: 1 });
    for (let nonce = 0; nonce < 300; nonce++) {
      const isCommand = parseLedgerCommand(command(nonce), difficulty) !== null;
      expect(isCommand, `nonce ${nonce}`).toBe(naiveProof(operation, nonce, difficulty));
    }
  });

  test("is the first from the number on where one begins, or none within the tries", () => {
    const operation = get("bob");
    const proofs = Array.from({ length: 200 }, (_, nonce) => nonce).filter((one) => naiveProof(operation, one, 3));
    const [first = 0, second = 0] = proofs;
    expect(findNonce(operation, 3, 0, 200)).toBe(first);
    expect(findNonce(operation, 3, first + 1, 200)).toBe(second);
    expect(findNonce(operation, 3, first + 1, second - first - 1)).toBeNull();
  });

  test("is for the operation alone, so that it is the same for whoever writes the operation how", () => {
    expect(mined({ key: { x: 1, y: 2 }, type: "get" } as never)).toMatchObject({
      nonce: (mined(get({ y: 2, x: 1 })) as { nonce: number }).nonce,
    });
  });
});

describe("a ledger", () => {
  test("makes a block of each operation, whose hash is the digest of the rest, and which names the one before", () => {
    const { blocks, ledger } = replicaOf(put("a", 1), get("a"), get("b"));
    expect(blocks.map(({ height }) => height)).toEqual([1, 2, 3]);
    for (const [place, { hash, ...content }] of blocks.entries()) {
      expect(content.previousHash).toBe(blocks[place - 1]?.hash ?? null);
      expect(hash).toBe(naiveHash(naiveText(content as unknown as Json)));
    }
    expect(ledger.head).toEqual({ height: 3, hash: blocks[2]?.hash });
  });

  test("answers success, the value, or that there is no such key, with the block that was made of it", () => {
    const { apply, blocks } = replicaOf(put("a", { z: 1, y: [null] }));
    const answers = [get("a"), get("b"), put("b", null), get("b")].map(
      (operation, place) => apply(request("c", place + 3, mined(operation)))["result"],
    );
    const named = blocks.slice(1).map(({ height, hash, requestId, nonce }) => ({ height, hash, requestId, nonce }));
    expect(answers).toEqual([
      { ...named[0], answer: "value", value: { z: 1, y: [null] } },
      { ...named[1], answer: "KEY_DOES_NOT_EXIST" },
      { ...named[2], answer: "success" },
      { ...named[3], answer: "value", value: null },
    ]);
    expect(named.map(({ requestId }) => requestId)).toEqual(["c/1/3", "c/1/4", "c/1/5", "c/1/6"]);
  });

  test("makes no block of a repeated request, and gives it the answer that it had", () => {
    const { apply, blocks, ledger } = replicaOf(put("a", "old"), put("a", "new"));
    const answer = apply(request("c", 2, mined(put("a", "old"))));
    expect(answer["result"]).toMatchObject({ height: 1, hash: blocks[0]?.hash, answer: "success" });
    expect([blocks.length, ledger.head.height]).toEqual([2, 2]);
    expect(apply(request("c", 4, mined(get("a"))))["result"]).toMatchObject({ height: 3, value: "new" });
  });

  test("makes no block of what leaders fill slots with, of openings, of values by hand, nor of expired sessions", () => {
    const { apply, blocks } = replicaOf(put("a", 1));
    const kinds = [
      NO_OP,
      encodeOpenSession("d"),
      "by hand",
      '{"type":"put","key":"a","value":2}',
      request("nobody", 2, mined(put("a", 2))),
    ].map((value) => apply(value)["kind"]);
    expect(kinds).toEqual(["no-op", "opened", "not-a-command", "not-a-command", "session-expired"]);
    expect(blocks).toHaveLength(1);
  });

  test("makes no block of a command whose nonce proves nothing, and leaves its number to one whose nonce does", () => {
    const { apply, blocks } = replicaOf();
    const operation = put("a", 1);
    const lazy = Array.from({ length: 20 }, (_, nonce) => nonce).find((one) => !naiveProof(operation, one, 0)) ?? 0;
    const command = ledgerCommandJson({ operation, nonce: lazy, proposer: "server1", time: 1 });
    expect(apply(request("c", 2, command))["kind"]).toBe("not-a-command");
    expect(blocks).toEqual([]);
    expect(apply(request("c", 2, mined(operation)))["result"]).toMatchObject({ height: 1, answer: "success" });
  });

  test("takes keys that are equal as JSON for one key, whoever wrote them how", () => {
    const { apply, read } = replicaOf();
    const value = request("c", 2, mined(put({ b: 2, a: [1] }, "x")));
    const other = request("c", 3, mined(put({ a: [1], b: 2 }, "y"))).replace('"a":[1],"b":2', '"a":[1.0],\n"b":20e-1');
    expect([value, other].map((one) => apply(one)["kind"])).toEqual(["result", "result"]);
    expect(read({ type: "map" }).entries).toEqual([{ key: { a: [1], b: 2 }, value: "y", height: 2 }]);
    expect(apply(request("c", 4, mined(get("1"))))["result"]).toMatchObject({ answer: "KEY_DOES_NOT_EXIST" });
  });

  test("tells its head, and its map by pages that begin behind a key", () => {
    const { read, blocks } = replicaOf(put("b", 1), put(2, 2), put("a", 3), put("b", 4));
    const { hash } = blocks[3] ?? { hash: null };
    expect(read({ type: "head" })).toEqual({ height: 4, hash, keys: 3, difficulty: 0 });
    const page: LedgerMapPage = read({ type: "map", limit: 2 });
    const first = [
      { key: "a", value: 3, height: 3 },
      { key: "b", value: 4, height: 4 },
    ];
    expect(page).toEqual({ entries: first, next: '"b"', height: 4, hash });
    const rest = read({ type: "map", after: page.next });
    expect(rest).toEqual({ entries: [{ key: 2, value: 2, height: 2 }], next: null, height: 4, hash });
  });

  test.each<[Json, string]>([
    [{ type: "head", x: 1 }, "nothing else"],
    [{ type: "map", limit: 0 }, "1..10000"],
    [{ type: "map", after: 1 }, "after is a text"],
    [{ type: "get", key: "a" }, '"head" or "map"'],
    [null, '"head" or "map"'],
  ])("says what is wrong with the question %j", (query, complaint) => {
    expect(replicaOf().read(query).error).toContain(complaint);
  });
});

describe("the name of a request", () => {
  const position = (client: string, openedAt: number, sequence: number) =>
    requestIdOf({ client, openedAt, sequence, firstUnacknowledged: 1 });

  test("is another one for each position, whatever bars and quotes the names of clients have", () => {
    const clients = ["a", "a/1", "a/1/2", "a\\", "a\\\\", "\\ud800", "\ud800", '"', '\\"', "/", "\n", "\\n"];
    const names = clients.flatMap((client) => [
      position(client, 1, 2),
      position(client, 12, 2),
      position(client, 1, 22),
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(position("client1-5f2c9d0b", 12, 3)).toBe("client1-5f2c9d0b/12/3");
  });

  test("goes into a block even where the client's name is half a surrogate pair, and as long as names may be", () => {
    for (const client of ["\ud800", "\udc00\u0000".repeat(32)]) {
      const { apply, blocks } = replica();
      apply(encodeOpenSession(client));
      apply(request(client, Number.MAX_SAFE_INTEGER - 1, mined(put("a", 1))));
      expect(apply(request(client, 2, mined(put("a", 1))))["kind"]).toBe("result");
      const [{ hash, ...content } = { hash: "" }] = blocks;
      expect(hash).toBe(naiveHash(naiveText(content as Json)));
      expect(parseBlockRecord(naiveText({ ...content, hash } as Json))).toEqual({ ...content, hash });
    }
    const longest = position("\u0000".repeat(64), Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    const block = { ...(replicaOf(put("a", 1)).blocks[0] as object), requestId: longest };
    expect(parseBlockRecord(naiveText(block as Json))).toMatchObject({ requestId: longest });
  });
});

describe("a command", () => {
  const good = mined(put("k", "v")) as { readonly [name: string]: Json };

  test.each<[why: string, Json]>([
    ["a member too many", { ...good, more: 1 }],
    ["no time", { operation: good["operation"] ?? null, nonce: good["nonce"] ?? 0, proposer: "p" }],
    ["a negative nonce", { ...good, nonce: -1 }],
    ["a nonce as a text", { ...good, nonce: `${good["nonce"]}` }],
    ["a time between two milliseconds", { ...good, time: 0.5 }],
    ["a proposer without a name", { ...good, proposer: "" }],
    ["a proposer whose name is too long", { ...good, proposer: "p".repeat(65) }],
    ["a proposer whose name is half a pair", { ...good, proposer: "\ud800" }],
    ["no object", [good]],
  ])("with %s is none", (_, json) => {
    expect(parseLedgerCommand(good, 0)).not.toBeNull();
    expect(parseLedgerCommand(json, 0)).toBeNull();
  });

  const nested = (levels: number): Json => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

  test.each<[Json, string | null]>([
    [{ type: "delete", key: 1 }, '"get" or "put"'],
    [{ type: "get" }, "a get has a key, and nothing else"],
    [{ type: "get", key: 1, value: 1 }, "a get has a key, and nothing else"],
    [{ type: "put", key: 1 }, "a put has a key and a value"],
    [get("k".repeat(1023)), "the key has 1025 characters as canonical JSON; at most 1024 are"],
    [get("k".repeat(1022)), null],
    [get("€".repeat(1022)), null],
    [put("k", "v".repeat(65_535)), "the value has 65537 characters"],
    [put("k", "v".repeat(65_534)), null],
    [get("\ud800"), "the key has half a surrogate pair"],
    [put("k", JSON.parse("1e400")), "a number that is too large"],
    [get(nested(63)), "the key is nested deeper than 62 levels"],
    [put("k", nested(63)), "the value is nested deeper than 62 levels"],
  ])("has a complaint where its operation is wrong", (operation, complaint) => {
    const said = operationComplaint(operation as never);
    if (complaint === null) expect(said).toBeNull();
    else expect(said).toContain(complaint);
  });

  test("is carried out if nobody has a complaint about it: as deep as a key may be, it is no stranger to the log", () => {
    const { apply } = replicaOf();
    expect(operationComplaint(put(nested(62), nested(62)) as never)).toBeNull();
    expect(apply(request("c", 2, mined(put(nested(62), nested(62)))))["kind"]).toBe("result");
  });
});

describe("a snapshot of a ledger", () => {
  test("has the map and the head, and gives them back", () => {
    const { ledger } = replicaOf(put("b", { x: 1 }), get("b"), put(["a"], "y"));
    const pieces = ledger.snapshot();
    const other = ledgerOf(pieces, 0);
    expect(other.snapshot()).toEqual(pieces);
    expect([other.head, other.size]).toEqual([ledger.head, 2]);
    expect(other.read({ type: "map" })).toEqual(ledger.read({ type: "map" }));
    expect(new Ledger().snapshot()).toEqual(["[[0,0,null]]"]);
  });

  const HASH = "a".repeat(64);
  const of = (...rows: readonly Json[]) => [JSON.stringify(rows)];
  test.each<[why: string, pieces: readonly string[], message: string]>([
    ["nothing", [], "difficulty is undefined"],
    ["no JSON", ["["], "no JSON array"],
    ["another difficulty", of([3, 0, null]), "difficulty is 3, here it is 0"],
    ["a head without a hash", of([0, 1, null]), "not the head"],
    ["a hash before the first block", of([0, 0, HASH]), "not the head"],
    ["a hash that is none", of([0, 1, HASH.toUpperCase()]), "not the head"],
    ["half a block", of([0, 1.5, HASH]), "not the head"],
    ["more in its head", of([0, 1, HASH, 1]), "not the head"],
    ["an entry of a block that is not there", of([0, 1, HASH], ['"a"', "1", 2]), "no entry"],
    ["an entry before the first block", of([0, 1, HASH], ['"a"', "1", 0]), "no entry"],
    ["a key that is no JSON", of([0, 1, HASH], ["a", "1", 1]), "no entry"],
    ["a key that is not canonical", of([0, 1, HASH], ["1.0", "1", 1]), "no entry"],
    ["a value that is no JSON", of([0, 1, HASH], ['"a"', "{", 1]), "no entry"],
    ["a value that is not canonical", of([0, 1, HASH], ['"a"', " 1", 1]), "no entry"],
    ["a number that is too large", of([0, 1, HASH], ['"a"', "1e400", 1]), "no entry"],
    ["a key that is too long", of([0, 1, HASH], [`"${"k".repeat(1023)}"`, "1", 1]), "no entry"],
    ["an entry that says more", of([0, 1, HASH], ['"a"', "1", 1, 1]), "no entry"],
    ["a key twice", of([0, 2, HASH], ['"a"', "1", 1], ['"a"', "2", 2]), "not in order"],
    ["keys out of order", of([0, 2, HASH], ['"b"', "1", 1], ['"a"', "2", 2]), "not in order"],
    ["two keys of one block", of([0, 2, HASH], ['"a"', "1", 1], ['"b"', "2", 1]), "by one block"],
  ])("with %s is refused, and changes nothing", (_, pieces, message) => {
    const { ledger } = replicaOf(put("a", 1));
    const before = ledger.snapshot();
    expect(() => ledger.restore(pieces)).toThrow(message);
    expect([ledger.snapshot(), ledger.size]).toEqual([before, 1]);
  });

  test("is refused where no such ledger can be", () => {
    expect(() => new Ledger({ difficulty: -1 })).toThrow("a number of bits");
    expect(() => new Ledger({ difficulty: Number.NaN })).toThrow("a number of bits");
  });
});
