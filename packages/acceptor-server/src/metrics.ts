import type { ErrorCode } from "@synod/api";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { AcceptorHost } from "./acceptor-host.js";

/** What an acceptor counts. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "synod_requests_total",
    help: "Requests answered, by route and HTTP status",
    labelNames: ["route", "status"],
    registers: [this.#registry],
  });
  readonly #problems = new Counter({
    name: "synod_problems_total",
    help: "Requests refused, by the error's code",
    labelNames: ["code"],
    registers: [this.#registry],
  });
  readonly #groupSize = new Histogram({
    name: "synod_flush_writes",
    help: "Writes that one fdatasync made durable",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.#registry],
  });
  readonly #flushSeconds = new Histogram({
    name: "synod_flush_seconds",
    help: "Time from handing a group of writes to the store until it was durable",
    buckets: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1],
    registers: [this.#registry],
  });

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Adds what every Node process counts: memory, CPU, the event loop's delay. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  watch(host: AcceptorHost): void {
    new Gauge({
      name: "synod_requests_under_way",
      help: "Requests that wait for their answer",
      registers: [this.#registry],
      collect() {
        this.set(host.underWay);
      },
    });
  }

  answered(route: string, status: number): void {
    this.#requests.inc({ route, status: String(status) });
  }

  refused(code: ErrorCode): void {
    this.#problems.inc({ code });
  }

  flushed(writeCount: number, seconds: number): void {
    this.#groupSize.observe(writeCount);
    this.#flushSeconds.observe(seconds);
  }
}
