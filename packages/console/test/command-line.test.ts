import { expect, test } from "vitest";
import { curlLine } from "../src/words/command-line.ts";

test("a request stands as a line that a shell takes as it is, quotes in it or not", () => {
  expect(curlLine("http://localhost:8000", "GET", "/kv?prefix=a&limit=2", undefined)).toBe(
    "curl -s 'http://localhost:8000/kv?prefix=a&limit=2'",
  );
  expect(curlLine("http://localhost:8000", "POST", "/write", { key: "it's", value: "hot" })).toBe(
    `curl -s -X POST 'http://localhost:8000/write' -H 'content-type: application/json' -d '{"key":"it'\\''s","value":"hot"}'`,
  );
});
