import { expect, test } from "vitest";
import { literalIn } from "../src/words/literal.ts";

test.each([
  ["10", 10, "the number 10"],
  ['"alice"', "alice", 'the text "alice"'],
  ["alice", "alice", 'the text "alice"'],
  [" two words ", " two words ", 'the text " two words "'],
  ["", "", 'the text ""'],
  ['{"a": 1}', { a: 1 }, "an object"],
  ["[1]", [1], "a list"],
  ["null", null, "null"],
  ["true", true, "true"],
])("%j is understood as %j, and it is said", (typed, value, meaning) => {
  expect(literalIn(typed)).toEqual({ value, meaning, isDoubtful: false });
});

test.each(['{"a": 1', "['a']", '"a', "{'key1': 'val1'}"])("%j is a text that looks as if JSON was meant", (typed) => {
  expect(literalIn(typed)).toEqual({
    value: typed,
    meaning: `the text ${JSON.stringify(typed)}, since it is no JSON`,
    isDoubtful: true,
  });
});
