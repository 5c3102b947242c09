import type { Address } from "@synod/api";
import { describe, expect, test } from "vitest";
import { Admission, type AdmissionLimits } from "../src/node/admission.ts";
import type { App } from "../src/node/node-app.ts";
import { takeTurns } from "../src/node/turns.ts";
import { listening } from "./memory-app.ts";
import { nodeStage, until } from "./node-stage.ts";
import { parseAnswer } from "./problem.ts";
import { exchange, RawSocket } from "./raw-socket.ts";

interface Stage {
  readonly address: Address;
  readonly admission: Admission;
  /** Answers everybody who waits in `/work`. @returns how many they were */
  readonly answerAll: () => number;
}

/** A server on which `/work` takes turns, and waits until it is told to answer. */
async function stage(limits: Partial<AdmissionLimits>): Promise<Stage> {
  const { app } = await nodeStage();
  const admission = new Admission(limits);
  const waiting: (() => void)[] = [];
  app.register(async (scope) => {
    takeTurns(scope as App, admission);
    scope.post("/work", () => new Promise((resolve) => waiting.push(() => resolve({ done: true }))));
    scope.post("/fails", async () => {
      throw new Error("it fails");
    });
  });
  const answerAll = () => {
    const all = waiting.splice(0);
    for (const answer of all) answer();
    return all.length;
  };
  return { address: await listening(app), admission, answerAll };
}

const BODY = "{}";
const HEAD = "host: localhost\r\ncontent-type: application/json\r\n";
const post = (path: string, body = BODY, more = "connection: close\r\n") =>
  `POST ${path} HTTP/1.1\r\n${HEAD}content-length: ${body.length}\r\n${more}\r\n${body}`;

const ONE: Partial<AdmissionLimits> = { least: 1, most: 1 };

describe("routes that take turns", () => {
  test("refuse with 503, as a problem that says when to come again, and go on with what is under way", async () => {
    const { address, admission, answerAll } = await stage({ ...ONE, patienceMs: 50 });
    const first = exchange(address, post("/work"));
    await until(() => admission.underWay === 1);
    const refused = parseAnswer(await exchange(address, post("/work")));
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(JSON.parse(refused.payload)).toMatchObject({ code: "overloaded", definite: true });
    answerAll();
    expect(await first).toContain('{"done":true}');
    expect(admission.underWay).toBe(0);
  });

  test("leave others alone, which say how the server is", async () => {
    const { address, admission, answerAll } = await stage(ONE);
    const working = exchange(address, post("/work"));
    await until(() => admission.underWay === 1);
    expect(await exchange(address, "GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")).toContain(
      "200 OK",
    );
    answerAll();
    await working;
  });

  test("give no place to a request that has not arrived as a whole: who sends slowly keeps nobody out", async () => {
    const { address, admission, answerAll } = await stage(ONE);
    for (let slow = 0; slow < 5; slow++) {
      const socket = await RawSocket.open(address);
      socket.send(`POST /work HTTP/1.1\r\n${HEAD}content-length: 5\r\n\r\n[`);
    }
    const working = exchange(address, post("/work"));
    await until(() => admission.underWay === 1);
    answerAll();
    expect(await working).toContain("200 OK");
  });

  test("take every place back, however its request ended", async () => {
    const { address, admission, answerAll } = await stage({ least: 64, most: 64 });
    const kept = "";
    const endings: string[] = [
      post("/work"),
      post("/fails"),
      post("/work", "[[[["),
      post("/work", BODY, kept).repeat(5),
      post("/work", BODY, kept) +
        post("/fails", BODY, kept) +
        `POST /work HTTP/1.1\r\n${HEAD}content-length: 9\r\n\r\n[`,
      `${post("/work", BODY, kept)}noise\r\n\r\n`,
    ];
    for (const bytes of endings) {
      for (const isPatient of [true, false]) {
        const socket = await RawSocket.open(address);
        socket.send(bytes);
        await exchange(address, "GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        if (!isPatient) socket.close();
        await until(() => answerAll() === 0 && admission.underWay === 0 && admission.inLine === 0);
        socket.close();
      }
    }
    expect(admission.underWay).toBe(0);
  });

  test("give nothing to those who went away while they waited", async () => {
    const { address, admission, answerAll } = await stage(ONE);
    const first = exchange(address, post("/work"));
    await until(() => admission.underWay === 1);
    const gone = await RawSocket.open(address);
    gone.send(post("/work"));
    await until(() => admission.inLine === 1);
    gone.close();
    const last = exchange(address, post("/work"));
    await until(() => admission.inLine === 2);
    expect(answerAll()).toBe(1);
    await first;
    await until(() => answerAll() === 1);
    expect(await last).toContain("200 OK");
    expect([admission.underWay, admission.inLine]).toEqual([0, 0]);
  });
});

test("a server that stops refuses those who wait for their turn", async () => {
  const { app } = await nodeStage();
  const admission = new Admission(ONE);
  app.register(async (scope) => {
    takeTurns(scope as App, admission);
    scope.get("/work", async () => ({}));
  });
  const address = await listening(app);
  admission.entersAtOnce();
  const waiting = exchange(address, "GET /work HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await until(() => admission.inLine === 1);
  await app.close();
  expect(await waiting).toContain('"code":"stopping"');
});
