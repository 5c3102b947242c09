import { describe, expect, test } from "vitest";
import { MalformedHistory, readHistory } from "../../src/linearizability/history-reader.ts";
import type { ModelName } from "../../src/linearizability/models.ts";
import { linesOf } from "./history-lines.ts";

function problemOf(model: ModelName, text: string): string {
  try {
    readHistory(model, text);
  } catch (error) {
    if (error instanceof MalformedHistory) return error.message;
    throw error;
  }
  return "none";
}

const CALLED = '{"process":1,"type":"invoke","f":"write","value":1}';

describe("a history that means nothing is refused, with the line", () => {
  test.each<[string, string[], string]>([
    ["a return without a call", ["1 ok read 1"], "line 1: process 1 returns from read, but has no open call"],
    [
      "two returns of one call",
      ["1 invoke read", "1 ok read null", "1 ok read null"],
      "line 3: process 1 returns from read, but has no open call",
    ],
    [
      "two open operations of one process",
      ["1 invoke write 1", "2 invoke read", "1 invoke read"],
      "line 3: process 1 calls read while its write of line 1 is open",
    ],
    [
      "a return from another operation",
      ["1 invoke write 1", "1 ok read 1"],
      "line 2: process 1 returns from read, but called write on line 1",
    ],
    [
      "a return with another key",
      ["1 invoke read - @a", "1 ok read 1 @b"],
      "line 2: process 1 returns with key b, but called with a on line 1",
    ],
    ["an unknown type", ["1 begin read"], 'line 1: type is invoke, ok, fail or info, not "begin"'],
    [
      "an operation of another model",
      ['1 invoke append "a"'],
      'line 1: f of the model register is read, write, cas, not "append"',
    ],
    ["a write without a value", ["1 invoke write"], "line 1: a write says in value what it writes"],
    [
      "a write of null",
      ["1 invoke write null"],
      "line 1: a write of null: null is what a register never written holds",
    ],
    ["a cas of one value", ["1 invoke cas 1"], "line 1: the value of a cas is a pair [from, to], not 1"],
    ["a cas of three values", ["1 invoke cas [1,2,3]"], "line 1: the value of a cas is a pair [from, to], not [1,2,3]"],
    ["a cas to null", ["1 invoke cas [1,null]"], "line 1: a cas of null: null is what a register never written holds"],
    [
      "a read that returns nothing",
      ["1 invoke read", "1 ok read"],
      "line 2: a read closed by ok says in value what it read",
    ],
    [
      "a return that contradicts the call",
      ["1 invoke write 1", "1 ok write 2"],
      "line 2: write was called with 1 and returns 2",
    ],
    [
      "an integer that JSON cannot tell from its neighbours",
      ["1 invoke write 9007199254740993"],
      "line 1: a number above 2^53-1 cannot be told from its neighbours: write it as a string",
    ],
  ])("%s", (_, events, problem) => {
    expect(problemOf("register", linesOf(events).join("\n"))).toBe(problem);
  });

  test("a number so large that JSON would make null of it", () => {
    expect(problemOf("register", '{"process":1,"type":"invoke","f":"write","value":1e400}')).toBe(
      "line 1: a number above 2^53-1 cannot be told from its neighbours: write it as a string",
    );
  });

  test.each<[string, string[], string]>([
    ["a get of a number", ["1 invoke get", "1 ok get 5"], "line 2: a get closed by ok says in value the string it got"],
    ["a get of null", ["1 invoke get", "1 ok get null"], "line 2: a get closed by ok says in value the string it got"],
    ["an append of a number", ["1 invoke append 5"], "line 1: the value of an append is a string, not 5"],
    ["a put of nothing", ["1 invoke put"], "line 1: the value of a put is a string, not nothing"],
  ])("%s", (_, events, problem) => {
    expect(problemOf("key-value", linesOf(events).join("\n"))).toContain(problem);
  });

  test.each<[string, string, string]>([
    ["no JSON", `${CALLED}\nwhat is this`, "line 2: no JSON: what is this"],
    [
      "half a line",
      `${CALLED}\n{"process":1,"type":"ok","f":"wri`,
      'line 2: no JSON: {"process":1,"type":"ok","f":"wri',
    ],
    ["a list", "[1]", "line 1: a line is a JSON object"],
    ["no process", '{"type":"invoke","f":"read"}', "line 1: process is a string or a whole number, not undefined"],
    [
      "a process that is no name",
      '{"process":1.5,"type":"invoke","f":"read"}',
      "line 1: process is a string or a whole number, not 1.5",
    ],
    [
      "a process that is a number here and a string there",
      `${CALLED}\n{"process":"1","type":"ok","f":"write"}`,
      "line 2: process 1 is a string here and a number on line 1",
    ],
    [
      "a key that is a string here and a number there",
      '{"process":1,"type":"invoke","f":"read","key":"7"}\n{"process":2,"type":"invoke","f":"read","key":7}',
      "line 2: key 7 is a number here and a string on line 1",
    ],
    [
      "a key that is no name",
      '{"process":1,"type":"invoke","f":"read","key":{"a":1}}',
      'line 1: key is a string or a whole number, not {"a":1}',
    ],
    [
      "swapped that is no yes or no",
      '{"process":1,"type":"invoke","f":"cas","value":[1,2]}\n{"process":1,"type":"ok","f":"cas","swapped":1}',
      "line 2: swapped is true or false",
    ],
  ])("%s", (_, text, problem) => {
    expect(problemOf("register", text)).toBe(problem);
  });

  test("a long line is not repeated whole", () => {
    expect(problemOf("register", "x".repeat(10_000)).length).toBeLessThan(100);
  });
});

describe("a history is read however it was written", () => {
  const [call = "", done = ""] = linesOf(["1 invoke write 5", "1 ok write 5"]);
  const operation = { client: 1, action: "write 5", callLine: 1, returnLine: 2 };

  test.each([
    ["with a newline at its end", `${call}\n${done}\n`],
    ["with the line ends of Windows", `${call}\r\n${done}\r\n`],
    ["with a byte order mark", `\ufeff${call}\n${done}`],
  ])("%s", (_, text) => {
    expect(readHistory("register", text).keys[0]?.operations).toMatchObject([operation]);
  });

  test("empty lines say nothing, and count", () => {
    const { keys } = readHistory("register", `\n${call}\n\n  \n${done}`);
    expect(keys[0]?.operations).toMatchObject([{ ...operation, callLine: 2, returnLine: 5 }]);
  });

  test("a history without any line has no operations", () => {
    expect(readHistory("register", "")).toMatchObject({ keys: [], operationCount: 0, clientCount: 0 });
  });

  test("fields that nobody asked for are allowed", () => {
    const text = '{"process":1,"type":"invoke","f":"read","value":null,"time":17,"index":0,"error":["timeout"]}';
    expect(readHistory("register", text).operationCount).toBe(1);
  });

  test("a process may be a string, and a key a number", () => {
    const text = `{"process":"a","type":"invoke","f":"write","key":7,"value":1}
{"process":"a","type":"ok","f":"write","key":7}`;
    expect(readHistory("register", text).keys).toMatchObject([{ key: 7, operations: [{ client: "a" }] }]);
  });

  test("Jepsen's lines about faults are passed over", () => {
    const nemesis = '{"process":"nemesis","type":"info","f":"start-partition","value":null}';
    expect(readHistory("register", `${nemesis}\n${call}\n${nemesis}\n${done}`).operationCount).toBe(1);
  });

  test("a cas that is closed by ok without a word has swapped, as Jepsen has it", () => {
    const text = linesOf(["1 invoke cas [1,2]", "1 ok cas [1,2]"]).join("\n");
    expect(readHistory("register", text).keys[0]?.operations).toMatchObject([{ result: "swapped" }]);
  });
});
