import type { ErrorCode } from "@synod/api";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** What every server counts. A role adds its own to the registry. */
export class NodeMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: "synod_requests_total",
    help: "Requests answered, by route and HTTP status",
    labelNames: ["route", "status"],
    registers: [this.registry],
  });
  readonly #problems = new Counter({
    name: "synod_problems_total",
    help: "Requests refused, by the error's code",
    labelNames: ["code"],
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
    this.#requests.inc({ route, status: String(status) });
  }

  refused(code: ErrorCode): void {
    this.#problems.inc({ code });
  }
}
