import { expect, test } from "vitest";
import { curlLine } from "../src/words/command-line.ts";

test("a request stands as a line that a shell takes as it is, quotes in it or not", () => {
  expect(curlLine("http://localhost:8000", { method: "GET", path: "/kv?prefix=a&limit=2" })).toBe(
    "curl -s 'http://localhost:8000/kv?prefix=a&limit=2'",
  );
  const write = { method: "POST", path: "/write", body: { key: "it's", value: "hot" } };
  expect(curlLine("http://localhost:8000", write)).toBe(
    `curl -s -X POST 'http://localhost:8000/write' -H 'content-type: application/json' -d '{"key":"it'\\''s","value":"hot"}'`,
  );
});

test("a login's token is not in the line: it stands where the shell puts it in", () => {
  expect(curlLine("http://localhost:8000", { method: "GET", path: "/chat/login", login: "AbC" })).toBe(
    `curl -s 'http://localhost:8000/chat/login' -H "synod-login: $TOKEN"`,
  );
});
