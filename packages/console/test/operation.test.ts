import { expect, test } from "vitest";
import { operationInWords } from "../src/words/operation.ts";

test("what a block does is told in three parts, shortened, and with nothing that turns the writing round", () => {
  expect(operationInWords({ type: "get", key: { a: 1 } })).toEqual({ verb: "get", key: '{"a":1}', value: null });
  expect(operationInWords({ type: "put", key: "a\u202eb", value: "x".repeat(300) })).toEqual({
    verb: "put",
    key: String.raw`"a\u202eb"`,
    value: `"${"x".repeat(199)}…`,
  });
});
