import type { ErrorCode } from "@synod/api";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { CutReason } from "./connections.js";

/** What every server counts. A role adds its own to the registry. */
export class NodeMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: "synod_requests_total",
    help: "Requests answered, by route and HTTP status",
    labelNames: ["route", "status"],
    registers: [this.registry],
  });
  /** Looked up once for each route and status: there are as many as there are routes. */
  readonly #answered = new Map<string, { inc(): void }>();
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
    const labels = `${status} ${route}`;
    let counter = this.#answered.get(labels);
    if (counter === undefined) {
      counter = this.#requests.labels({ route, status: String(status) });
      this.#answered.set(labels, counter);
    }
    counter.inc();
  }

  refused(code: ErrorCode): void {
    this.#problems.inc({ code });
  }

  cut(why: CutReason): void {
    this.#cuts.inc({ why });
  }
}
