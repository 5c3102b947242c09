import { describe, expect, test } from "vitest";
import { history, verdictOf } from "./history-lines.ts";

describe("a register", () => {
  test("an empty history is linearizable", () => {
    expect(verdictOf("register")).toBe("linearizable");
  });

  test("holds null until it is written", () => {
    expect(verdictOf("register", "1 invoke read", "1 ok read null")).toBe("linearizable");
    expect(verdictOf("register", "1 invoke read", "1 ok read 0")).toBe("violation");
  });

  test("a read during a write may see the value before it or after it", () => {
    for (const seen of ["1", "2"]) {
      const events = ["1 invoke write 1", "1 ok write 1", "1 invoke write 2", "2 invoke read", `2 ok read ${seen}`];
      expect(verdictOf("register", ...events, "1 ok write 2"), seen).toBe("linearizable");
    }
  });

  test("once a read has seen the new value, no later read sees the old one", () => {
    const events = ["1 invoke write 1", "1 ok write 1", "1 invoke write 2", "2 invoke read", "2 ok read 2"];
    expect(verdictOf("register", ...events, "2 invoke read", "2 ok read 1", "1 ok write 2")).toBe("violation");
    expect(verdictOf("register", ...events, "2 invoke read", "2 ok read 2", "1 ok write 2")).toBe("linearizable");
  });

  test("a cas that swapped found what it names", () => {
    const written = ["1 invoke write 1", "1 ok write 1", "1 invoke cas [1,2]", "1 ok cas [1,2] true"];
    expect(verdictOf("register", ...written, "1 invoke read", "1 ok read 2")).toBe("linearizable");
    expect(verdictOf("register", ...written, "1 invoke read", "1 ok read 1")).toBe("violation");
    expect(verdictOf("register", "1 invoke cas [1,2]", "1 ok cas [1,2] true")).toBe("violation");
  });

  test("a cas that did not swap found something else", () => {
    expect(verdictOf("register", "1 invoke cas [1,2]", "1 ok cas [1,2] false")).toBe("linearizable");
    const written = ["1 invoke write 1", "1 ok write 1"];
    expect(verdictOf("register", ...written, "1 invoke cas [1,2]", "1 ok cas [1,2] false")).toBe("violation");
  });

  test("a cas of a value by itself changes nothing, but must find it", () => {
    const written = ["1 invoke write 1", "1 ok write 1"];
    expect(verdictOf("register", ...written, "1 invoke cas [1,1]", "1 ok cas [1,1] true")).toBe("linearizable");
    expect(verdictOf("register", ...written, "1 invoke cas [2,2]", "1 ok cas [2,2] true")).toBe("violation");
  });

  test("values are equal as JSON is: whatever the order of their fields", () => {
    const written = ['1 invoke write {"a":1,"b":[2]}', "1 ok write null", "1 invoke read"];
    expect(verdictOf("register", ...written, '1 ok read {"b":[2],"a":1}')).toBe("linearizable");
    expect(verdictOf("register", ...written, '1 ok read {"b":[2],"a":"1"}')).toBe("violation");
  });
});

describe("a key of a key-value store", () => {
  test("is empty until it is written", () => {
    expect(verdictOf("key-value", "1 invoke get", '1 ok get ""')).toBe("linearizable");
    expect(verdictOf("key-value", "1 invoke get", '1 ok get "a"')).toBe("violation");
  });

  test("append adds to the end, put replaces", () => {
    const appended = ['1 invoke append "a"', "1 ok append", '1 invoke append "b"', "1 ok append"];
    expect(verdictOf("key-value", ...appended, "1 invoke get", '1 ok get "ab"')).toBe("linearizable");
    expect(verdictOf("key-value", ...appended, "1 invoke get", '1 ok get "ba"')).toBe("violation");
    const put = [...appended, '1 invoke put "c"', "1 ok put"];
    expect(verdictOf("key-value", ...put, "1 invoke get", '1 ok get "c"')).toBe("linearizable");
    expect(verdictOf("key-value", ...put, "1 invoke get", '1 ok get "abc"')).toBe("violation");
  });

  test("appends at the same time are in one order, and every get sees the same one", () => {
    const both = ['1 invoke append "a"', '2 invoke append "b"', "1 ok append", "2 ok append"];
    const gets = (first: string, second: string) => [
      ...both,
      "1 invoke get",
      `1 ok get "${first}"`,
      "2 invoke get",
      `2 ok get "${second}"`,
    ];
    expect(verdictOf("key-value", ...gets("ab", "ab"))).toBe("linearizable");
    expect(verdictOf("key-value", ...gets("ba", "ba"))).toBe("linearizable");
    expect(verdictOf("key-value", ...gets("ab", "ba"))).toBe("violation");
  });

  test("keys are independent: one may be behind another", () => {
    const events = ['1 invoke put "a" @x', "1 ok put - @x", "1 invoke get - @y", '1 ok get "" @y'];
    expect(verdictOf("key-value", ...events)).toBe("linearizable");
    expect(verdictOf("key-value", ...events, "1 invoke get - @x", '1 ok get "" @x')).toBe("violation");
  });
});

describe("operations whose outcome is not known", () => {
  const read = (client: number, seen: string) => [`${client} invoke read`, `${client} ok read ${seen}`];

  test("a write that failed did not happen, though it was called", () => {
    const failed = ["1 invoke write 1", "1 fail write 1"];
    expect(verdictOf("register", ...failed, ...read(2, "null"))).toBe("linearizable");
    expect(verdictOf("register", ...failed, ...read(2, "1"))).toBe("violation");
  });

  test.each(["2 info write", "3 invoke read"])("a write that ends with %s may have happened or not", (end) => {
    const lost = ["1 invoke write 1", "1 ok write", "2 invoke write 2", end];
    expect(verdictOf("register", ...lost, ...read(4, "1"))).toBe("linearizable");
    expect(verdictOf("register", ...lost, ...read(4, "2"))).toBe("linearizable");
  });

  test("it may take effect long after it was given up, and only once", () => {
    const lost = ["1 invoke write 1", "1 ok write", "2 invoke write 2", "2 info write"];
    expect(verdictOf("register", ...lost, ...read(3, "1"), ...read(3, "2"))).toBe("linearizable");
    const rewritten = [...read(3, "2"), "1 invoke write 1", "1 ok write", ...read(3, "1")];
    expect(verdictOf("register", ...lost, ...rewritten)).toBe("linearizable");
    expect(verdictOf("register", ...lost, ...rewritten, ...read(3, "2"))).toBe("violation");
  });

  test("it cannot take effect before it was called", () => {
    expect(verdictOf("register", ...read(1, "2"), "2 invoke write 2", "2 info write")).toBe("violation");
  });

  test("a cas may have happened only where it found what it names", () => {
    const lost = ["1 invoke write 1", "1 ok write", "2 invoke cas [1,2]", "2 info cas"];
    expect(verdictOf("register", ...lost, ...read(3, "2"))).toBe("linearizable");
    const other = ["1 invoke write 3", "1 ok write", "2 invoke cas [1,2]", "2 info cas"];
    expect(verdictOf("register", ...other, ...read(3, "2"))).toBe("violation");
  });

  test("an append may have happened: whoever sees it, sees it ever after", () => {
    const lost = ['1 invoke append "a"', "1 info append"];
    const get = (seen: string) => ["2 invoke get", `2 ok get "${seen}"`];
    expect(verdictOf("key-value", ...lost, ...get(""), ...get("a"))).toBe("linearizable");
    expect(verdictOf("key-value", ...lost, ...get("a"), ...get(""))).toBe("violation");
  });

  test("a read that nobody heard the end of says nothing, and a failed read neither", () => {
    expect(verdictOf("register", "1 invoke read", "2 invoke read", "2 fail read", "3 invoke read")).toBe(
      "linearizable",
    );
  });

  test("a process that lost an operation may call the next", () => {
    expect(verdictOf("register", "1 invoke write 1", "1 info write", ...read(1, "1"))).toBe("linearizable");
  });
});

test("every operation is counted that was called, and every process", () => {
  const read = history(
    "register",
    "1 invoke write 1",
    "1 fail write",
    "2 invoke read",
    "2 ok read null",
    "3 invoke read",
  );
  expect(read).toMatchObject({ operationCount: 3, clientCount: 3 });
});
