import type { GatewayStatusReply } from "@synod/api";
import { expect, test } from "vitest";
import { chainHeads } from "../src/words/chain-heads.ts";

const UNKNOWN = () => undefined;

function words(learners: readonly object[], hashAt: (height: number) => string | undefined = UNKNOWN) {
  const named = learners.map((learner, place) => ({ node: `server${place + 1}`, up: true, ...learner }));
  const heads = chainHeads({ learners: named as unknown as GatewayStatusReply["learners"] }, hashAt);
  return heads.map(({ word }) => word);
}

test("servers of one height and one hash have the same chain, also an empty one", () => {
  expect(
    words([
      { height: 3, hash: "c" },
      { height: 3, hash: "c" },
    ]),
  ).toEqual(["the same", "the same"]);
  expect(
    words([
      { height: 0, hash: null },
      { height: 0, hash: null },
    ]),
  ).toEqual(["the same", "the same"]);
});

test("a shorter chain is behind, unless its last block is another one than the page shows there", () => {
  const shown = (height: number) => (height === 2 ? "b" : undefined);
  expect(
    words(
      [
        { height: 3, hash: "c" },
        { height: 2, hash: "b" },
      ],
      shown,
    ),
  ).toEqual(["the same", "1 block behind"]);
  expect(
    words(
      [
        { height: 4, hash: "d" },
        { height: 2, hash: "x" },
      ],
      shown,
    ),
  ).toEqual(["the same", "another chain"]);
  expect(
    words(
      [
        { height: 4, hash: "d" },
        { height: 1, hash: "a" },
      ],
      shown,
    ),
  ).toEqual(["the same", "3 blocks behind"]);
});

test("another hash at the same height is another chain, and silence is told as that", () => {
  expect(words([{ height: 3, hash: "c" }, { height: 3, hash: "x" }, { up: false }])).toEqual([
    "the same",
    "another chain",
    "no answer",
  ]);
  expect(words([{ height: 3, hash: "c" }, { up: false }])).toEqual(["alone", "no answer"]);
  expect(words([{ height: 3, hash: "c" }])).toEqual(["the same"]);
});
