import { Histogram } from "prom-client";
import type { AcceptorHost } from "./acceptor-host.js";
import { NodeMetrics } from "./node/node-metrics.js";

/** So many flushes are put into the histograms together: one by one they would be counted before the answers that wait for them. */
const COUNTED_TOGETHER = 100;

/** What an acceptor counts. */
export class Metrics extends NodeMetrics {
  /** Flushes that are in no histogram yet. */
  #flushes: { readonly writeCount: number; readonly seconds: number }[] = [];
  readonly #groupSize = new Histogram({
    name: "synod_flush_writes",
    help: "Writes that one fdatasync made durable",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.registry],
    collect: () => this.#countFlushes(),
  });
  readonly #flushSeconds = new Histogram({
    name: "synod_flush_seconds",
    help: "Time from handing a group of writes to the store until it was durable",
    buckets: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1],
    registers: [this.registry],
    collect: () => this.#countFlushes(),
  });

  watch(host: AcceptorHost): void {
    this.gauge("synod_requests_under_way", "Requests that wait for their answer", () => host.underWay);
  }

  flushed(writeCount: number, seconds: number): void {
    this.#flushes.push({ writeCount, seconds });
    if (this.#flushes.length >= COUNTED_TOGETHER) this.#countFlushes();
  }

  #countFlushes(): void {
    const flushes = this.#flushes;
    this.#flushes = [];
    for (const { writeCount, seconds } of flushes) {
      this.#groupSize.observe(writeCount);
      this.#flushSeconds.observe(seconds);
    }
  }
}
