import { Readable } from "node:stream";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../src/node/node-app.ts";
import { appOfFile, everythingTold, memoryApp, post } from "./memory-app.ts";
import { expectProblem } from "./problem.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** Gives an acceptor something to lose: a promise, an acceptance and a history. */
async function used(app: App): Promise<App> {
  await post(app, "/accept", { id: 3, value: "apple" });
  await post(app, "/accept", { id: 4, value: "pear", instance: 2 });
  await post(app, "/prepare", { id: 5 });
  return app;
}

/** One for a test that changes it. */
async function usedApp(): Promise<App> {
  return used((await memoryApp()).app);
}

/** One for all that must be refused: it is the same after each, or the next test says so, too. */
let shared: Awaited<ReturnType<typeof appOfFile>>;
let before: unknown;

beforeAll(async () => {
  shared = await appOfFile();
  before = await everythingTold(await used(shared.app));
});

afterAll(() => shared.close());

/** Sends what must be refused and expects that nothing changed by it. */
async function refused(request: InjectOptions): Promise<ReturnType<typeof expectProblem>> {
  const code = expectProblem(await shared.app.inject(request));
  expect(await everythingTold(shared.app)).toEqual(before);
  return code;
}

const POST_ROUTES = ["/prepare", "/accept", "/log/prepare", "/log/accept"] as const;

/** A body that each route would take, with an id above the promise: so a refusal is due to the mistake alone. */
const LEGAL = {
  "/prepare": { id: 9, instance: 1 },
  "/accept": { id: 9, value: "v", instance: 1 },
  "/log/prepare": { id: 9, from: 1 },
  "/log/accept": { id: 9, entries: [{ instance: 1, value: "v" }] },
};

const NO_ID = [
  '"9"',
  "9.5",
  "-1",
  "9007199254740992",
  "9007199254740993",
  "1e400",
  "-1e400",
  "null",
  "true",
  "[9]",
  "{}",
];
const NO_INSTANCE = [...NO_ID, "0"];
const NO_VALUE = ["null", "1", "true", '["v"]', "{}"];

describe("a field of the wrong form is refused", () => {
  const cases: [string, string, string][] = [];
  for (const id of NO_ID) for (const url of POST_ROUTES) cases.push([url, "id", id]);
  for (const instance of NO_INSTANCE) {
    cases.push(
      ["/prepare", "instance", instance],
      ["/accept", "instance", instance],
      ["/log/prepare", "from", instance],
    );
  }
  for (const value of NO_VALUE) cases.push(["/accept", "value", value]);
  for (const entries of [
    "null",
    "1",
    '"v"',
    "{}",
    "[1]",
    "[null]",
    "[[]]",
    "[{}]",
    '[{"instance":1}]',
    '[{"value":""}]',
  ]) {
    cases.push(["/log/accept", "entries", entries]);
  }
  for (const instance of NO_INSTANCE) cases.push(["/log/accept", "entries", `[{"instance":${instance},"value":"v"}]`]);
  for (const value of NO_VALUE) cases.push(["/log/accept", "entries", `[{"instance":1,"value":${value}}]`]);

  test.each(cases)("POST %s with %s %s", async (url, field, text) => {
    const legal = JSON.stringify({ ...LEGAL[url as keyof typeof LEGAL], [field]: "HERE" });
    const payload = legal.replace('"HERE"', text);
    expect(await refused({ method: "POST", url, headers: JSON_TYPE, payload })).toBe("bad-request");
  });

  test("and the answer names it, so that its sender need not guess", async () => {
    const app = await usedApp();
    const details: string[] = [];
    for (const body of [{ id: "1" }, {}, { id: 1, idd: 2 }, { id: 1, instance: 0 }]) {
      details.push(((await post(app, "/prepare", body)).reply as { detail: string }).detail);
    }
    expect(details).toEqual([
      "body/id must be integer",
      expect.stringContaining("'id'"),
      'body has an unknown field "idd"',
      "body/instance must be >= 1",
    ]);
  });
});

describe.each(POST_ROUTES)("POST %s", (url) => {
  const legal = LEGAL[url];
  const text = JSON.stringify(legal);

  test("takes the legal body that the cases of this file start from", async () => {
    expect((await post(await usedApp(), url, legal)).status).toBe(200);
  });

  test.each(Object.keys(legal).filter((field) => field !== "instance"))("needs the field %s", async (field) => {
    const { [field]: _, ...rest } = legal as Record<string, unknown>;
    const payload = JSON.stringify(rest);
    expect(await refused({ method: "POST", url, headers: JSON_TYPE, payload })).toBe("bad-request");
  });

  test.each([
    "",
    " ",
    "null",
    "1",
    '"text"',
    "[]",
    "{",
    text.slice(0, -1),
    `${text}}`,
    `${text}${text}`,
    text.replaceAll('"', "'"),
    text.replace("9", "09"),
    text.replace("9", "+9"),
    text.replace("9", "NaN"),
    text.replace("9", "Infinity"),
    text.replace("9", "0x9"),
    text.replace("{", '{"unknown":1,'),
    text.replace("{", '{"ID":1,'),
    text.replace("{", '{"":1,'),
    text.replace("{", '{"__proto__":{},'),
    text.replace("{", '{"__proto__":{"id":1},'),
    text.replace("{", '{"\\u005f_proto__":{"id":1},'),
    text.replace("{", '{"constructor":{"prototype":{"id":1}},'),
    text.replace("{", '{"constructor":1,'),
    text.replace("{", '{"toString":1,'),
  ])("refuses the body %j", async (payload) => {
    expect(await refused({ method: "POST", url, headers: JSON_TYPE, payload })).toBe("bad-request");
  });

  test("refuses a request without body and without its type", async () => {
    expect(await refused({ method: "POST", url })).toBe("bad-request");
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/jsonp",
    "application/problem+json",
    "application",
    "*/*",
  ])("refuses a body of type %s, also for the sake of browsers, which send such bodies across sites", async (type) => {
    const request = { method: "POST", url, headers: { "content-type": type }, payload: text } as const;
    expect(await refused(request)).toBe("unsupported-media-type");
  });

  test("refuses a body without type", async () => {
    const headers = { "transfer-encoding": "chunked" };
    const request = { method: "POST", url, headers, payload: Readable.from([text]) } as const;
    expect(await refused(request)).toBe("unsupported-media-type");
  });

  test("refuses a body that says how long it is, and is too long", async () => {
    const payload = JSON.stringify({ ...legal, padding: "x".repeat(4 * 1024 * 1024) });
    expect(await refused({ method: "POST", url, headers: JSON_TYPE, payload })).toBe("body-too-large");
  });

  test("refuses a body that does not say how long it is, and is too long", async () => {
    const headers = { ...JSON_TYPE, "transfer-encoding": "chunked" };
    const payload = Readable.from(Array.from({ length: 80 }, () => " ".repeat(64 * 1024)));
    expect(await refused({ method: "POST", url, headers, payload })).toBe("body-too-large");
  });

  test("refuses query parameters, which would be ignored otherwise", async () => {
    for (const query of ["?instance=2", "?id=1", "?__proto__=1"]) {
      const request = { method: "POST", url: url + query, headers: JSON_TYPE, payload: text } as const;
      expect(await refused(request), query).toBe("bad-request");
    }
  });

  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] as const)("does not take %s", async (method) => {
    const answer = await shared.app.inject({ method, url });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers["allow"]).toBe("POST");
    if (method !== "HEAD") expectProblem(answer, "method-not-allowed");
  });
});

test.each([
  ["/accept", ['{"id":9,"value":"', '"}']],
  ["/log/accept", ['{"id":9,"entries":[{"instance":1,"value":"', '"}]}']],
] as const)(
  "POST %s refuses a value that is no UTF-8: read as text, it would be another value",
  async (url, [before, after]) => {
    for (const broken of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98]]) {
      const payload = Buffer.concat([Buffer.from(before), Buffer.from(broken), Buffer.from(after)]);
      expect(await refused({ method: "POST", url, headers: JSON_TYPE, payload })).toBe("bad-request");
    }
  },
);

test("a body of POST /accept has 128 KiB at most, to the byte, so that no history grows without bound", async () => {
  const { app } = await memoryApp();
  const ofLength = (bytes: number) => {
    const empty = JSON.stringify({ id: 1, value: "" }).length;
    return { id: 1, value: "x".repeat(bytes - empty) };
  };
  expect((await post(app, "/accept", ofLength(128 * 1024 + 1))).reply).toMatchObject({ code: "body-too-large" });
  expect((await post(app, "/accept", ofLength(128 * 1024))).status).toBe(200);
});

const NO_NUMBER = [
  ..."0 01 1e3 1.0 1.5 -1 +1 %2B1 0x1 1_000 9007199254740992 9007199254740993 99999999999999999999 NaN Infinity".split(
    " ",
  ),
  ..."null [1] 1,2 %201 1%20 1%00 %D9%A1".split(" "),
  "",
];

describe.each([
  ["/state", "instance"],
  ["/history", "instance"],
  ["/pool/state", "instance"],
  ["/log", "from"],
  ["/log", "limit"],
])("GET %s with the parameter %s", (url, name) => {
  test("takes a whole number", async () => {
    const answer = await shared.app.inject({ method: "GET", url: `${url}?${name}=9007199254740991` });
    expect(answer.statusCode).toBe(200);
  });

  test.each(NO_NUMBER)("refuses %j, which is none", async (text) => {
    expect(await refused({ method: "GET", url: `${url}?${name}=${text}` })).toBe("bad-request");
  });

  test("refuses it without a value, twice, or as a list", async () => {
    for (const query of [name, `${name}=1&${name}=1`, `${name}=1&${name}=2`, `${name}[]=1`, `${name}[0]=1`]) {
      expect(await refused({ method: "GET", url: `${url}?${query}` }), query).toBe("bad-request");
    }
  });

  test("refuses it beside one that is unknown", async () => {
    for (const other of ["unknown=1", "Instance=1", "__proto__=1", "constructor=1", "=1"]) {
      expect(await refused({ method: "GET", url: `${url}?${name}=1&${other}` }), other).toBe("bad-request");
    }
  });
});

describe("routes", () => {
  const GET_ROUTES = "/state /history /log /pool/state /livez /readyz /metrics /openapi.json".split(" ");

  test.each(GET_ROUTES)("GET %s takes neither a parameter it does not know nor another method", async (url) => {
    expect(await refused({ method: "GET", url: `${url}?unknown=1` })).toBe("bad-request");
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const) {
      const answer = await shared.app.inject({ method, url });
      expectProblem(answer, "method-not-allowed");
      expect(answer.headers["allow"]).toBe("GET, HEAD");
    }
  });

  test.each([
    ..."/ /nope /State /state/ //state /state/1 /prepare/ /log/ /pool /pool/state/ /state;x=1 /state%2F".split(" "),
    ..."/__proto__ /constructor /hasOwnProperty /..%2fstate /%00 /*".split(" "),
  ])("there is no %s", async (url) => {
    expect(await refused({ method: "GET", url })).toBe("not-found");
    expect(await refused({ method: "POST", url, headers: JSON_TYPE, payload: '{"id":9}' })).toBe("not-found");
  });

  test.each(["/%", "/%zz", "/state%", "/%c3%28"])(
    "the path %s cannot be decoded, and that is a bad request",
    async (url) => {
      expect(await refused({ method: "GET", url })).toBe("bad-request");
    },
  );

  test("a body that a GET brings along is no part of the question", async () => {
    const app = await usedApp();
    const request = { method: "GET", url: "/state", headers: JSON_TYPE, payload: '{"instance":2}' } as const;
    expect((await app.inject(request)).json()).toEqual({ promisedId: 5, acceptedId: 3, acceptedValue: "apple" });
  });
});
