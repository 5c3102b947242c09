import type { Address } from "@synod/api";
import { Admission, type AdmissionLimits } from "../src/node/admission.ts";
import type { App, NodeAppOptions } from "../src/node/node-app.ts";
import type { NodeFaults } from "../src/node/node-faults.ts";
import { NodeMetrics } from "../src/node/node-metrics.ts";
import { NotServed, RequestRefused } from "../src/node/refusals.ts";
import { takeTurns } from "../src/node/turns.ts";
import { listening } from "./memory-app.ts";
import { nodeStage } from "./node-stage.ts";

const URL = "/things/*";

export interface ShortWayStage {
  readonly app: App;
  readonly address: Address;
  readonly admission: Admission;
  readonly metrics: NodeMetrics;
  readonly faults: NodeFaults;
  /** How many requests were begun by the short way. */
  readonly taken: () => number;
  /** How often `special` was asked for, which only the app answers, at once. */
  readonly specials: () => number;
  /** What was begun and not answered, such as it was asked for; `wait...` is answered only by `answerAll`. */
  readonly waiting: string[];
  readonly answerAll: () => void;
}

export interface ShortWayStageOptions extends Partial<NodeAppOptions> {
  readonly hasShortWay?: boolean;
  readonly limits?: Partial<AdmissionLimits>;
}

/**
 * A server on which plain requests for things take the short way, or the same without one. It echoes; `bad...`, `busy...` and
 * `broken...` are refused, `large...` is answered with 20,000 characters, `huge...` with 8 million, and `wait...` waits.
 */
export async function shortWayStage(options: ShortWayStageOptions = {}): Promise<ShortWayStage> {
  const { hasShortWay = true, limits, ...ofApp } = options;
  const metrics = new NodeMetrics();
  const { app, faults } = await nodeStage({ metrics, ...ofApp });
  const admission = new Admission(limits);
  const waiting: string[] = [];
  let go: (() => void)[] = [];
  let taken = 0;
  const handle = async (thing: string, body: unknown): Promise<object> => {
    if (thing.startsWith("bad")) throw new RequestRefused("id-too-high", "no such thing");
    if (thing.startsWith("busy")) throw new NotServed("overloaded", "too much to do");
    if (thing.startsWith("broken")) throw new Error("it broke");
    if (thing.startsWith("large")) return { thing, text: "x".repeat(20_000) };
    if (thing.startsWith("huge")) return { thing, text: "x".repeat(8_000_000) };
    if (thing.startsWith("wait")) {
      waiting.push(thing);
      await new Promise<void>((resolve) => go.push(resolve));
      waiting.splice(waiting.indexOf(thing), 1);
    }
    return { thing, body: body ?? null };
  };
  app.register(async (scope) => {
    takeTurns(scope as App, admission);
    for (const method of ["GET", "PUT"] as const) {
      if (hasShortWay) {
        const begun = (thing: string, body: unknown) => {
          taken++;
          return handle(thing, body);
        };
        app.shortWay.add({
          method,
          url: URL,
          admission,
          answer: (thing, { query, body }) => (query === "" && thing !== "" ? () => begun(thing, body) : null),
        });
      }
      scope.route({
        method,
        url: URL,
        handler: ({ params, body }) => handle((params as { "*": string })["*"], body),
      });
    }
  });
  let specials = 0;
  app.get("/things/special", async () => ({ isSpecial: true, asked: ++specials }));
  app.get("/things/of/:owner", async ({ params }) => params);
  const address = await listening(app);
  const answerAll = () => {
    const all = go;
    go = [];
    for (const answer of all) answer();
  };
  return { app, address, admission, metrics, faults, taken: () => taken, specials: () => specials, waiting, answerAll };
}

export const plainGet = (thing: string, more = "") => `GET /things/${thing} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`;

export const plainPut = (thing: string, body: string, more = "") =>
  `PUT /things/${thing} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
  `content-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
