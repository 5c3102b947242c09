import { NO_OP, Random } from "@synod/consensus";
import {
  type AppliedResult,
  encodeCommand,
  encodeCommands,
  encodeOpenSession,
  type Json,
  KeyValueStore,
  ReplicatedState,
  SESSION_LIMITS,
} from "@synod/state-machines";
import { describe, expect, test } from "vitest";
import { KEY_VALUE } from "../src/multipaxos/key-value-service.ts";
import { Oracle } from "../src/multipaxos/oracle.ts";

const KEYS = ["a", "b", "c"];
const CLIENTS = ["x", "y", "z", "w"];

function anyOperation(random: Random, written: number, length: number): Json {
  const key = KEYS[random.below(KEYS.length)] ?? "a";
  const value = `v${written}`;
  const expected = random.below(2) === 0 ? null : `v${random.below(length)}`;
  const kinds = [
    { type: "put", key, value },
    { type: "delete", key },
    { type: "cas", key, expected, value },
  ];
  return kinds[random.below(kinds.length)] ?? null;
}

/** A log with openings, commands in any order, alone and together, copies, no-ops and what people put there. */
function anyLog(random: Random, length: number): string[] {
  const openedAt = new Map<string, number>();
  const log: string[] = [];
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
  while (log.length < length) {
    const die = random.below(20);
    const client = pick(CLIENTS);
    if (die === 0) log.push(NO_OP);
    else if (die === 1) log.push(`by hand ${log.length}`);
    else if (die < 5 && log.length > 0) log.push(pick(log));
    else if (die < 7 || !openedAt.has(client)) {
      log.push(encodeOpenSession(client));
      if (random.below(3) > 0) openedAt.set(client, openedAt.get(client) ?? log.length);
    } else {
      const sequence = 2 + random.below(12);
      const firstUnacknowledged = 1 + random.below(sequence);
      const place = { client, openedAt: openedAt.get(client) ?? 1, sequence, firstUnacknowledged };
      // Two or three may name the same key, and then do nothing.
      const operations = Array.from({ length: 1 + random.below(3) }, () => anyOperation(random, log.length, length));
      const [operation] = operations;
      const texts = operations.map((one) => JSON.stringify(one));
      log.push(operation && texts.length === 1 ? encodeCommand({ ...place, operation }) : encodeCommands(place, texts));
    }
  }
  return log;
}

const rowsOf = (pieces: readonly string[]) => pieces.flatMap((piece) => JSON.parse(piece));

describe("the oracle that the watch of Multi-Paxos holds the store against", () => {
  test("comes to what the replicated state comes to, slot by slot, with limits large and small", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = Random.fromSeed(seed);
      const limits = {
        sessions: 1 + random.below(4),
        replies: 1 + random.below(9),
        sequencesAhead: 1 + random.below(9),
      };
      const state = new ReplicatedState(new KeyValueStore(), { limits });
      const oracle = new Oracle({ ...SESSION_LIMITS, ...limits }, KEY_VALUE.model());
      for (const [place, value] of anyLog(random, 120).entries()) {
        const slot = place + 1;
        const applied: AppliedResult = JSON.parse(state.apply(slot, value));
        const each = (applied.kind === "results" ? applied.results : [applied]).map((one) => ({
          kind: one.kind,
          result: one.kind === "opened" ? { openedAt: one.openedAt } : one.kind === "result" ? one.result : null,
        }));
        const came = oracle.replay(value).map(({ kind, result }) => ({ kind, result }));
        expect(each, `seed ${seed}, slot ${slot}`).toEqual(came);
        const query = { type: "get", key: KEYS[slot % 3] ?? "a" };
        expect(oracle.answer(query, slot), `seed ${seed}, slot ${slot}`).toEqual(
          JSON.parse(state.read(JSON.stringify(query))),
        );
      }
      const [head = "", ...pieces] = state.snapshot();
      const { sessionPieces } = JSON.parse(head);
      expect(rowsOf(pieces.slice(0, sessionPieces)), `seed ${seed}`).toEqual(oracle.sessionRows);
      expect(rowsOf(pieces.slice(sessionPieces)), `seed ${seed}`).toEqual(oracle.rows);
      for (const query of [{ type: "range" }, { type: "count" }]) {
        expect(oracle.answer(query, 120), `seed ${seed}`).toEqual(JSON.parse(state.read(JSON.stringify(query))));
      }
    }
  });

  test("tells what there was at an earlier slot", () => {
    const oracle = new Oracle(SESSION_LIMITS, KEY_VALUE.model());
    oracle.replay(encodeOpenSession("x"));
    const put = (sequence: number, value: string) => {
      const operation = { type: "put", key: "a", value };
      oracle.replay(encodeCommand({ client: "x", openedAt: 1, sequence, firstUnacknowledged: 2, operation }));
    };
    put(2, "tea");
    put(3, "milk");
    const at = (slot: number) => oracle.answer({ type: "get", key: "a" }, slot);
    expect([at(0), at(1)]).toEqual([{ entry: null }, { entry: null }]);
    expect(at(2)).toEqual({ entry: { key: "a", value: "tea", revision: 2 } });
    expect(at(3)).toEqual({ entry: { key: "a", value: "milk", revision: 3 } });
    expect(oracle.answer({ type: "count" }, 1)).toEqual({ keys: 0 });
  });
});
