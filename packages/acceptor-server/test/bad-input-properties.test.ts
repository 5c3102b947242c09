import fc from "fast-check";
import type { InjectOptions } from "fastify";
import { expect, test } from "vitest";
import { everythingTold, memoryApp, post } from "./memory-app.ts";
import { expectProblem } from "./problem.ts";

/** Bad requests between two looks at the state. */
const TOGETHER = 8;
const RUNS = 100;

type Fields = Record<string, unknown>;

const id = fc.integer({ min: 10, max: Number.MAX_SAFE_INTEGER });
const instance = fc.integer({ min: 1, max: 4 });
const value = fc.string({ maxLength: 5 });
const entry = fc.record({ instance, value });

/** The legal bodies of each route, with ids above everything promised: taken, each would leave a trace. */
const LEGAL: Record<string, fc.Arbitrary<Fields>> = {
  "/prepare": fc.record({ id, instance }, { requiredKeys: ["id"] }),
  "/accept": fc.record({ id, value, instance }, { requiredKeys: ["id", "value"] }),
  "/log/prepare": fc.record({ id, from: instance }),
  "/log/accept": fc.record({ id, entries: fc.array(entry, { minLength: 1, maxLength: 3 }) }),
};

/** Never a legal value of any field: not of ids and instances, not of texts, not of lists. */
const bad = fc.oneof(
  fc.constantFrom(null, true, false, -1, 0.5, 1e300, 2 ** 53, -(2 ** 53), {}, { id: 1 }, [null], [[]]),
  fc.double({ noNaN: true, noInteger: true, noDefaultInfinity: true }),
  fc.integer({ max: -1 }),
);

/** One mistake in a legal body. */
function mistakeIn(body: Fields): fc.Arbitrary<unknown> {
  const field = fc.constantFrom(...Object.keys(body));
  const required = fc.constantFrom(...Object.keys(body).filter((name) => name !== "instance"));
  const mistakes: fc.Arbitrary<unknown>[] = [
    fc.tuple(field, bad).map(([name, wrong]) => ({ ...body, [name]: wrong })),
    required.map((name) => Object.fromEntries(Object.entries(body).filter(([other]) => other !== name))),
    fc
      .tuple(fc.string(), fc.jsonValue())
      .filter(([name]) => !Object.hasOwn(body, name) && name !== "instance")
      .map(([name, content]) => ({ ...body, [name]: content })),
    fc.constantFrom([body], { body }, JSON.stringify(body)),
    field.map((name) => ({ ...body, [name]: [body[name]] })),
  ];
  if (typeof body["id"] === "number") mistakes.push(fc.constant({ ...body, id: String(body["id"]) }));
  return fc.oneof(...mistakes);
}

const urls = fc.constantFrom(...Object.keys(LEGAL));

function sent(url: string, payload: string): InjectOptions {
  return { method: "POST", url, headers: { "content-type": "application/json" }, payload };
}

const mutated: fc.Arbitrary<InjectOptions> = urls
  .chain((url) => fc.tuple(fc.constant(url), (LEGAL[url] ?? fc.constant({})).chain(mistakeIn)))
  .map(([url, body]) => sent(url, JSON.stringify(body)));

/** Cut short, JSON of an object is no JSON. */
const truncated: fc.Arbitrary<InjectOptions> = urls
  .chain((url) => fc.tuple(fc.constant(url), LEGAL[url] ?? fc.constant({}), fc.nat()))
  .map(([url, body, cut]) => sent(url, JSON.stringify(body).slice(0, cut % JSON.stringify(body).length)));

/** Any JSON without the field that every route needs. */
const arbitraryJson: fc.Arbitrary<InjectOptions> = fc
  .tuple(urls, fc.jsonValue({ maxDepth: 4 }))
  .filter(([, body]) => typeof body !== "object" || body === null || !Object.hasOwn(body, "id"))
  .map(([url, body]) => sent(url, JSON.stringify(body)));

const bytes: fc.Arbitrary<InjectOptions> = fc
  .tuple(urls, fc.uint8Array({ minLength: 1 }))
  .filter(([, content]) => content[0] !== "{".charCodeAt(0))
  .map(([url, content]) => ({ ...sent(url, ""), payload: Buffer.from(content) }));

const PARAMETERS: Record<string, readonly string[]> = {
  "/state": ["instance"],
  "/history": ["instance"],
  "/pool/state": ["instance"],
  "/log": ["from", "limit"],
  "/livez": [],
  "/readyz": [],
  "/metrics": [],
  "/openapi.json": [],
};

/** A query with a parameter that the route does not know, or with one that is no whole number, or twice the same. */
const badQuery: fc.Arbitrary<InjectOptions> = fc
  .constantFrom(...Object.keys(PARAMETERS))
  .chain((url) => {
    const known = PARAMETERS[url] ?? [];
    const unknown = fc
      .tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.string())
      .filter(([name]) => !known.includes(name))
      .map(([name, text]) => new URLSearchParams([[name, text]]));
    if (known.length === 0) return fc.tuple(fc.constant(url), unknown);
    const name = fc.constantFrom(...known);
    const noNumber = fc
      .tuple(name, fc.oneof(fc.string(), fc.double().map(String), fc.integer({ max: 0 }).map(String)))
      .filter(([, text]) => !/^[1-9][0-9]*$/.test(text))
      .map(([key, text]) => new URLSearchParams([[key, text]]));
    const twice = fc.tuple(name, instance, instance).map(
      ([key, first, second]) =>
        new URLSearchParams([
          [key, String(first)],
          [key, String(second)],
        ]),
    );
    return fc.tuple(fc.constant(url), fc.oneof(unknown, noNumber, twice));
  })
  .map(([url, query]) => ({ method: "GET", url: `${url}?${query}` }));

const method = fc.constantFrom("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "POST") satisfies fc.Arbitrary<string>;
const noSuchRoute: fc.Arbitrary<InjectOptions> = fc
  .tuple(method, fc.webPath({ size: "small" }))
  .filter(([, path]) => !Object.hasOwn(PARAMETERS, path) && !Object.hasOwn(LEGAL, path))
  .map(([how, path]) => ({ method: how, url: path === "" ? "/" : path }));

test.each([
  ["a legal body with one mistake", mutated],
  ["a legal body that is cut short", truncated],
  ["any JSON", arbitraryJson],
  ["any bytes", bytes],
  ["a query with a mistake", badQuery],
  ["a path that is no route", noSuchRoute],
])(
  "%s is refused with a problem of the 4xx range, changes nothing, and the server goes on",
  async (_what, requests) => {
    const { app } = await memoryApp();
    await post(app, "/accept", { id: 3, value: "apple" });
    await post(app, "/log/accept", { id: 4, entries: [{ instance: 2, value: "pear" }] });
    await post(app, "/prepare", { id: 5 });
    const before = await everythingTold(app);
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: TOGETHER, maxLength: TOGETHER }), async (bads) => {
        const answers = await Promise.all(bads.map((bad) => app.inject(bad)));
        for (const answer of answers) {
          expectProblem(answer);
          expect(answer.statusCode).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode).toBeLessThan(500);
        }
        expect(await everythingTold(app)).toEqual(before);
      }),
      { numRuns: RUNS },
    );
  },
);
