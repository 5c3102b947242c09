import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { formatAddress } from "@synod/api";
import { onTestFinished } from "vitest";
import { type ChatStage, PASSWORD } from "../../replica-server/test/chat/chat-stage.ts";
import { until } from "./process-stage.ts";
import { type Ran, runCommand } from "./run-command.ts";

/** A home of its own for commands that speak to a chat. */
export class ChatHome {
  readonly folder = mkdtempSync(path.join(tmpdir(), "synod-chat-home-"));
  readonly #stage: ChatStage;

  constructor(stage: ChatStage) {
    this.#stage = stage;
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  get env(): Record<string, string> {
    const { topology } = this.#stage.cluster;
    const gateways = topology.nodes.flatMap(({ roles }) => roles).filter(({ role }) => role === "gateway");
    const places = gateways.map(({ address }) => formatAddress(address));
    return { SYNOD_HOME: this.folder, SYNOD_CHAT: places.join(","), TZ: "UTC" };
  }

  /** Runs `synod chat` with these words, and these lines on stdin. */
  run(words: readonly string[], ...lines: string[]): Promise<Ran> {
    const stdin = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    return runCommand("synod", ["chat", ...words], { env: this.env, stdin });
  }

  /** Makes accounts that nobody has so far, and logs them in here. */
  async logIn(...users: string[]): Promise<void> {
    for (const user of users) {
      await this.#stage.create(user);
      await this.run(["login", user], PASSWORD);
    }
  }

  /** Sits down at the prompt of `synod chat`. */
  sitDown(...words: string[]): Sitting {
    return new Sitting(this.env, words);
  }
}

/** Somebody at a terminal. */
export class Sitting {
  /** All that was printed so far, on stdout and stderr. */
  seen = "";
  readonly ran: Promise<Ran>;
  readonly #stdin = Object.assign(new Readable({ read() {} }), { isTTY: true, setRawMode: () => this.#stdin });

  constructor(env: Record<string, string>, words: readonly string[]) {
    let before = ["", ""] as [string, string];
    const see = (place: 0 | 1) => (soFar: string) => {
      this.seen += soFar.slice(before[place].length);
      before = place === 0 ? [soFar, before[1]] : [before[0], soFar];
    };
    this.ran = runCommand("synod", ["chat", ...words], {
      ...{ env: { ...env, NO_COLOR: "1" }, stdin: this.#stdin, isTTY: true, stderrIsTTY: true },
      ...{ onStdout: see(0), onStderr: see(1) },
    });
  }

  /** Types, and waits until this is seen that was not before. */
  async type(text: string, awaited: string): Promise<void> {
    const from = this.seen.length;
    this.#stdin.push(text);
    await this.sees(awaited, from);
  }

  /** Waits until this is seen. */
  async sees(awaited: string, from = 0): Promise<void> {
    await until(() => this.seen.slice(from).includes(awaited), `${awaited}; seen so far: ${this.seen.slice(from)}`);
  }
}
