import { ask } from "../../server/ask.js";
import type { Outcome, Request } from "../../server/outcome.js";
import { lookSoon } from "../cluster.js";
import { request } from "../requests.js";
import type { Caller } from "./caller.js";
import { NumberedWrites, type Write, type WriteOutcome } from "./numbered-writes.js";

/** Somebody who is logged in. */
export interface Login {
  readonly user: string;
  readonly token: string;
}

/** The writes of this page, whoever is logged in. */
export const writes = new NumberedWrites(request);

/** Speaks for a login, and hears when it has ended. */
export class LoginCaller implements Caller {
  readonly user: string;
  readonly #token: string;
  readonly #onEnd: () => void;

  /** @param onEnd the servers do not know the login any more */
  constructor({ user, token }: Login, onEnd: () => void) {
    this.user = user;
    this.#token = token;
    this.#onEnd = onEnd;
  }

  readonly ask = async <Body>(what: Request): Promise<Outcome<Body>> =>
    this.#heed(await ask<Body>({ ...what, login: this.#token }));

  readonly request = async <Body>(what: Request): Promise<Outcome<Body>> =>
    this.#heed(await request<Body>({ ...what, login: this.#token }));

  write(path: string, body: Readonly<Record<string, unknown>>): Write {
    return { path, body, login: this.#token };
  }

  async carryOut<Body>(write: Write): Promise<WriteOutcome<Body>> {
    const outcome = await writes.carryOut<Body>(write);
    lookSoon();
    if (outcome.kind === "failed" && outcome.problem?.code === "not-logged-in") this.#onEnd();
    return outcome;
  }

  forget(write: Write): void {
    writes.forget(write);
  }

  #heed<Body>(outcome: Outcome<Body>): Outcome<Body> {
    if (outcome.kind === "refused" && outcome.problem.code === "not-logged-in") this.#onEnd();
    return outcome;
  }
}
