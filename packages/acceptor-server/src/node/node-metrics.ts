import type { ErrorCode } from "@synod/api";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { CutReason } from "./connections.js";

/** What every server counts. A role adds its own to the registry. */
export class NodeMetrics {
  readonly registry = new Registry();
  /** How many requests were answered, by route and status: to find the counter of some labels costs more than to count. */
  readonly #answered = new Map<string, Map<number, number>>();
  readonly #problems = new Counter({
    name: "synod_problems_total",
    help: "Requests refused, by the error's code",
    labelNames: ["code"],
    registers: [this.registry],
  });

  readonly #cuts = new Counter({
    name: "synod_connections_cut_total",
    help: "Connections that were refused, or ended before their time, by why",
    labelNames: ["why"],
    registers: [this.registry],
  });

  constructor() {
    const answered = this.#answered;
    new Counter({
      name: "synod_requests_total",
      help: "Requests answered, by route and HTTP status",
      labelNames: ["route", "status"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [route, counts] of answered) {
          for (const [status, count] of counts) this.inc({ route, status: String(status) }, count);
        }
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Adds what every Node process counts: memory, CPU, the event loop's delay. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Adds a number that is read whenever somebody asks. @param name begins with `synod_` */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  answered(route: string, status: number): void {
    const counts = this.#answered.get(route);
    if (counts) counts.set(status, (counts.get(status) ?? 0) + 1);
    else this.#answered.set(route, new Map([[status, 1]]));
  }

  refused(code: ErrorCode): void {
    this.#problems.inc({ code });
  }

  cut(why: CutReason): void {
    this.#cuts.inc({ why });
  }
}
