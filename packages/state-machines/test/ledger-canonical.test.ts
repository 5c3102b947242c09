import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "../src/index.ts";
import { parseJson } from "../src/json-shape.ts";
import { anyText } from "./any-text.ts";
import { naiveText } from "./naive-ledger.ts";

const text = (json: string) => canonicalText(parseJson(json) ?? null);

/** The double whose bits these are. */
function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

describe("canonical JSON has the texts of RFC 8785", () => {
  test("of its first example (§3.2.2), literals, numbers and escapes, to the byte (§3.2.4)", () => {
    const sample = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const ought =
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    expect(text(sample)).toBe(ought);
    const bytes =
      "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e" +
      "333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c7530303066" +
      "5c6e4127425c225c5c5c5c5c222f227d";
    expect(Buffer.from(text(sample) ?? "").toString("hex")).toBe(bytes);
  });

  test("with members in the order of their names' UTF-16 code units (§3.2.3), not of their characters", () => {
    const sample = String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`;
    const values = ["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign"];
    const order = [...values, "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"];
    expect([...(text(sample) ?? "").matchAll(/:"(.*?)"/g)].map(([, value]) => value)).toEqual(order);
  });

  // Appendix B, with the bits of each number.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["7fffffffffffffff", null],
    ["7ff0000000000000", null],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("of the number %s: %s", (bits, ought) => {
    expect(canonicalText(double(bits))).toBe(ought);
  });

  test.each([
    ["a number beyond a double's", "[1e400]"],
    ["a negative one", '{"a":-1e400}'],
    ["the first half of a pair alone", String.raw`"\ud800"`],
    ["the second half", String.raw`"a\udc00"`],
    ["halves in the wrong order", String.raw`"\udc00\ud800"`],
    ["half a pair in a name", String.raw`{"\ud800":1}`],
  ])("and none of %s", (_, json) => {
    expect(text(json)).toBeNull();
  });

  test.each([
    ["-0 is 0", "-0", "0"],
    ["of two members with one name the last counts", '{"a":1,"a":2}', '{"a":2}'],
    ["a member may be called __proto__", '{"b":1,"__proto__":{"c":2}}', '{"__proto__":{"c":2},"b":1}'],
    ["a member may be called toJSON", '{"toJSON":1,"a":{"toJSON":"x"}}', '{"a":{"toJSON":"x"},"toJSON":1}'],
    ["names that look like numbers are in the order of texts", '{"10":1,"9":2,"1":3}', '{"1":3,"10":1,"9":2}'],
    ["the order of an array is kept", "[3,1,2]", "[3,1,2]"],
  ])("%s", (_, json, ought) => {
    expect(text(json)).toBe(ought);
  });

  test("and never throws, however deep it is asked to go", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect([null, deep]).toContain(text(deep));
  });

  test("and means the same as what it was made of, whatever that is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anyText), (value) => {
        const canonical = canonicalText(JSON.parse(JSON.stringify(value)));
        if (canonical === null) {
          expect(JSON.stringify(value)).toMatch(/\\ud[89a-f]/);
          return;
        }
        expect(canonical).toBe(naiveText(JSON.parse(JSON.stringify(value))));
        expect(canonicalText(JSON.parse(canonical))).toBe(canonical);
        expect(JSON.parse(canonical)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
