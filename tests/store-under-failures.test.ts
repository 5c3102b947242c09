import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withCluster } from "../packages/proposer-cli/test/cluster-stage.js";
import { type Stage, setStage } from "../packages/proposer-cli/test/process-stage.js";

/** Every node but the gateway, which the clients speak to. */
const ALL = ["acceptor1", "acceptor2", "acceptor3", "proposer1", "proposer2", "learner1", "learner2"];

type Outcome = "ok" | "fail" | "info";

/** What a gateway answers to a write or a strong read that had no effect, or none that matters. */
const DEFINITE = new Set(["no-leader", "no-quorum", "no-learner", "not-caught-up", "overloaded", "stopping"]);

/** Clients that write and read, one operation at a time each, and record all of it as a history. */
class Clients {
  acknowledged = 0;
  readonly file: string;
  readonly #gateway: string;
  readonly #work: Promise<void>[];
  #isOver = false;
  #written = 0;

  constructor(folder: string, port: number | undefined, count: number) {
    this.file = join(folder, "history.jsonl");
    this.#gateway = `http://127.0.0.1:${port}`;
    this.#work = Array.from({ length: count }, (_, number) => this.#client(number));
  }

  /** Waits until so many more operations were acknowledged than now. */
  async progress(more: number): Promise<void> {
    const enough = this.acknowledged + more;
    const until = performance.now() + 60_000;
    while (this.acknowledged < enough) {
      expect(performance.now(), `only ${this.acknowledged} of ${enough} acknowledged`).toBeLessThan(until);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#work);
  }

  async #client(number: number): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      const key = `key ${(number + count) % 3}`;
      // A client that does not know what became of its operation is another client from then on.
      const process = `${number}.${count}`;
      if (count % 2 === 0) await this.#write(process, key, `value ${++this.#written}`);
      else await this.#read(process, key);
    }
  }

  async #write(process: string, key: string, value: string): Promise<void> {
    this.#record({ process, type: "invoke", f: "write", key, value });
    const { outcome } = await this.#ask("/write", { key, value });
    this.#record({ process, type: outcome, f: "write", key, value });
  }

  async #read(process: string, key: string): Promise<void> {
    this.#record({ process, type: "invoke", f: "read", key });
    const { outcome, answer } = await this.#ask("/read", { key, consistency: "strong" });
    const value = outcome === "ok" ? { value: answer["value"] ?? null } : {};
    this.#record({ process, type: outcome === "ok" ? "ok" : "fail", f: "read", key, ...value });
  }

  async #ask(path: string, body: object): Promise<{ outcome: Outcome; answer: Readonly<Record<string, unknown>> }> {
    try {
      const response = await fetch(this.#gateway + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...body, timeout_ms: 3000 }),
        signal: AbortSignal.timeout(10_000),
      });
      const answer = (await response.json()) as Readonly<Record<string, unknown>>;
      if (response.status === 200) this.acknowledged++;
      const outcome = response.status === 200 ? "ok" : DEFINITE.has(String(answer["code"])) ? "fail" : "info";
      return { outcome, answer };
    } catch {
      return { outcome: "info", answer: {} };
    }
  }

  #record(line: object): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}

async function done(stage: Stage, ...words: string[]) {
  const { exitCode, stdout, stderr } = await stage.run("synod", ...words);
  expect(exitCode, `synod ${words.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

test("whoever is killed while clients write and read, no acknowledged write is lost and no strong read is old", {
  timeout: 300_000,
}, async () => {
  const stage = await withCluster(await setStage(3));
  await done(stage, "cluster", "start");
  const clients = new Clients(stage.home, stage.portOf.get(8000), 6);
  await clients.progress(30);

  // One acceptor down: it works.
  await done(stage, "cluster", "fail", "acceptor1");
  await clients.progress(30);
  // Two down: nothing can be decided; after recovery it goes on.
  await done(stage, "cluster", "fail", "acceptor2");
  expect((await stage.run("synod", "cluster", "status")).exitCode).toBe(4);
  await done(stage, "cluster", "recover", "acceptor1", "acceptor2");
  await clients.progress(30);
  // The leader down: the other one takes over.
  const { leader } = JSON.parse(await done(stage, "cluster", "status", "--json"));
  await done(stage, "cluster", "fail", leader);
  await clients.progress(30);
  await done(stage, "cluster", "recover", leader);
  // A learner down: reads go on, and it catches up.
  await done(stage, "cluster", "fail", "learner1");
  await clients.progress(30);
  await done(stage, "cluster", "recover", "learner1");
  // A link cut, and everything at once.
  await done(stage, "cluster", "cut", "proposer1", "acceptor3");
  await clients.progress(30);
  await done(stage, "cluster", "heal");
  await done(stage, "cluster", "fail", ...ALL);
  await done(stage, "cluster", "recover", ...ALL);
  await clients.progress(30);
  await clients.end();

  const verdict = await done(stage, "check", "history", clients.file, "--model", "register");
  expect(verdict).toMatch(/linearizable/i);
});
