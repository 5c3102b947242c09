import type { Address } from "@synod/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { saidTo } from "./raw-socket.ts";
import { plainGet, plainPut, shortWayStage } from "./short-way-stage.ts";

const RUNS = 4;
const TOGETHER = 100;
/** Requests that never end are answered after it. */
const SLOWEST_MS = 500;

/** What is sent on one connection. */
interface Sent {
  readonly pieces: readonly Buffer[];
  /** Whether the server reads all of it whenever it arrives: else chance says how much it answers before it ends the connection. */
  readonly isExact: boolean;
}

const thing = fc.constantFrom(
  ...["a", "a/b", "a:b~", "", "bad", "busy", "broken", "large", "special", "of/me", "x?y=z", "%C3%A9"],
);

const plain = ["accept: */*", "User-Agent: x y", "connection: keep-alive", "authorization: Bearer s"];
const harmless = [
  ...["accept: */*", "Accept: */*", "accept:*/*", "user-agent: x", "User-Agent:", "connection: keep-alive"],
  ...["keep-alive: timeout=5", "constructor: x", "__proto__: x", "authorization: Bearer s", "authorization: Bearer  s"],
  ...["if-match: x", "range: bytes=0-1", "x: \xe9"],
];
/** Those that end the request, or the connection, otherwise than others. */
const harmful = [
  ...["host: y", "Host: ", "connection: Close", "connection: keep-alive, close", "accept: a\r\n b", " : ", "x"],
  ...["content-length: 0", "content-length: 3", "Content-Length: 013", "content-length: +1", "content-length: 1, 1"],
  ...["transfer-encoding: chunked", "transfer-encoding: identity", "content-type: application/json"],
  ...[
    "content-type: application/JSON;charset=UTF-8",
    "content-type: text/plain",
    "synod-from: b",
    "synod-cluster: other",
  ],
];

const flat = fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: "binary" }), fc.integer()), {
  noNullPrototype: true,
});
const json = fc.oneof(
  flat.filter((body) => !Object.keys(body).includes("__proto__")).map((body) => JSON.stringify(body)),
  fc.constantFrom('{"a":1,"a":2}', '{"constructor":"x"}', '"\\ud800"', '{"a":"\u00e9\u{1f600}"}', "null", "[]", "7"),
  fc.constantFrom('{"a":{"b":[]}}', " {} ", '{"a":"\\"__proto__\\":1"}'),
);
const noJson = fc.constantFrom(
  ...['{"__proto__":{"a":1}}', '{"a":{"__proto__":1}}', '{"\\u005f_proto__":1}', '{"constructor":{"prototype":1}}'],
  ...["{", "", "\ufeff{}", "{}{}"],
);

function requests(headers: readonly string[], bodies: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const more = fc
    .uniqueArray(fc.constantFrom(...headers), { maxLength: 2, selector: (one) => one.split(":")[0]?.toLowerCase() })
    .map((lines) => lines.map((one) => `${one}\r\n`).join(""));
  return fc.oneof(
    fc.tuple(thing, more).map(([of, lines]) => plainGet(of, lines)),
    fc.tuple(thing, bodies, more).map(([of, body, lines]) => plainPut(of, body, lines)),
  );
}

const plainest = requests(plain, json);
const good = requests([...plain, ...harmless], json);
const any = requests([...harmless, ...harmful], fc.oneof(json, noJson));

/** Takes out, puts in or changes a byte. */
const harm = fc.record({
  at: fc.nat(),
  take: fc.nat({ max: 2 }),
  put: fc.constantFrom("", " ", "\r", "\n", "\r\n", ":", "\0", "0", "\xff"),
});

function harmed(text: string, { at, take, put }: { at: number; take: number; put: string }): Buffer {
  const whole = Buffer.from(text);
  const place = at % whole.length;
  return Buffer.concat([whole.subarray(0, place), Buffer.from(put, "latin1"), whole.subarray(place + take)]);
}

function inPieces(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % whole.length), whole.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, place) => whole.subarray(places[place], end));
}

const cuts = fc.array(fc.nat(), { maxLength: 3 });
const sent: fc.Arbitrary<Sent> = fc.oneof(
  // One by one, so that each may go the short way; together; and cut anywhere.
  fc
    .array(plainest, { minLength: 1, maxLength: 3 })
    .map((all) => ({ pieces: all.map((one) => Buffer.from(one)), isExact: true })),
  fc
    .tuple(fc.array(good, { minLength: 1, maxLength: 3 }), cuts)
    .map(([all, at]) => ({ pieces: inPieces(Buffer.from(all.join("")), at), isExact: true })),
  fc.tuple(any, any, fc.option(harm), cuts).map(([one, other, how, at]) => ({
    pieces: inPieces(how === null ? Buffer.from(one) : harmed(one + other, how), at),
    isExact: false,
  })),
);

function isAsExpected(said: string, expected: string, { isExact }: Sent): boolean {
  if (isExact) return said === expected;
  const [cut = "", longer = ""] = [said, expected].map(untilNoise).sort((a, b) => a.length - b.length);
  return longer.startsWith(cut);
}

/** Whether noise behind a request is answered depends on whether that was answered before. */
function untilNoise(text: string): string {
  const last = text.lastIndexOf("HTTP/1.1 ");
  return text.includes("this is not HTTP", last) ? text.slice(0, last) : text;
}

test("whatever is sent, in whatever pieces, a server with a short way says what one without it says, byte by byte", async () => {
  const options = { slowestRequestMs: SLOWEST_MS };
  const short = await shortWayStage(options);
  const long = await shortWayStage({ ...options, hasShortWay: false });
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: TOGETHER, maxLength: TOGETHER }), async (connections) => {
      const saidBy = ({ address }: { address: Address }) =>
        Promise.all(connections.map(({ pieces }) => saidTo(address, pieces)));
      const [said, expected] = await Promise.all([saidBy(short), saidBy(long)]);
      const differing = connections.flatMap((one, place) => {
        const [is, should] = [said[place] ?? "", expected[place] ?? ""];
        return isAsExpected(is, should, one) ? [] : [{ sent: one.pieces.map(String), is, should }];
      });
      expect(differing).toEqual([]);
    }),
    // Each run says itself which of many connections differ.
    { numRuns: RUNS, endOnFailure: true },
  );
  // Both ways were gone often enough to tell.
  expect(short.taken()).toBeGreaterThan((RUNS * TOGETHER) / 20);
  expect([short.admission.underWay, long.admission.underWay]).toEqual([0, 0]);
});
