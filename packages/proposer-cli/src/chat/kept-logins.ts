import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { formatAddress } from "@synod/api";
import { homeOf } from "../cluster/settings.js";
import { jsonIn } from "../http-exchange.js";
import type { Arguments } from "../terminal/command.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import type { Terminal } from "../terminal/terminal.js";
import { openWholeFile } from "../whole-file.js";
import type { ChatServers } from "./chat-servers.js";

/** A login that a command began, for those that follow. */
export interface KeptLogin {
  readonly user: string;
  /** Whoever has it is logged in. */
  readonly token: string;
  /** The chat that it is of. */
  readonly clusterId: string;
  /** Where that was. */
  readonly servers: readonly string[];
}

/** Files that only their owner reads. */
const OWNERS_ALONE = 0o600;

/**
 * The logins of this home, a file each, so that commands which run at a time do not undo each other's. Whoever can read them
 * is logged in: they are readable for their owner alone.
 */
export class KeptLogins {
  readonly #folder: string;
  readonly #chat: ChatServers;

  constructor(args: Arguments, terminal: Terminal, chat: ChatServers) {
    this.#folder = path.join(homeOf(args, terminal), "chat-logins");
    this.#chat = chat;
  }

  /** Keeps a login, in place of an earlier one of the same user at this chat. @throws {CommandFailure} if it cannot be written */
  keep(login: Omit<KeptLogin, "servers">): void {
    this.forget(login.user);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new CommandFailure(ExitCode.failure, "unwritable", `${this.#folder}: ${(error as Error).message}`);
    }
    const kept: KeptLogin = { ...login, servers: this.#chat.addresses.map(formatAddress) };
    openWholeFile(this.#fileOf(kept), OWNERS_ALONE).write(`${JSON.stringify(kept)}\n`);
  }

  /** Those of the chat that is spoken to. */
  all(): KeptLogin[] {
    return this.#read().filter((login) => this.#isOfThisChat(login));
  }

  /** Lets go of a user's login at this chat, if there is one. */
  forget(user: string): void {
    for (const login of this.all()) if (login.user === user) rmSync(this.#fileOf(login), { force: true });
  }

  /**
   * The one that is meant.
   *
   * @throws {UsageError} if nobody said which of several
   * @throws {CommandFailure} if nobody is logged in
   */
  chosen(user: string | undefined): KeptLogin {
    const all = this.all().filter((login) => user === undefined || login.user === user);
    const [only, ...others] = all;
    if (others.length > 0) {
      throw new UsageError(`in whose name? Say --as NAME; there is ${all.map((login) => login.user).join(", ")}`);
    }
    if (only) return only;
    const who = user === undefined ? "synod chat login NAME logs in" : `synod chat login ${user} logs ${user} in`;
    throw new CommandFailure(ExitCode.failure, "not-logged-in", `Not logged in. ${who}`);
  }

  #isOfThisChat({ clusterId, servers }: KeptLogin): boolean {
    const { clusterId: meant, addresses } = this.#chat;
    if (meant !== undefined) return clusterId === meant;
    return addresses.some((address) => servers.includes(formatAddress(address)));
  }

  /** Both names are such that they can be a file's: others were not kept. */
  #fileOf({ user, clusterId }: Pick<KeptLogin, "user" | "clusterId">): string {
    return path.join(this.#folder, `${user}@${clusterId.replace(/[^\w.-]/g, "_")}.json`);
  }

  #read(): KeptLogin[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder).filter((name) => name.endsWith(".json"));
    } catch {
      // Nobody ever logged in here.
      return [];
    }
    return names.sort().flatMap((name) => loginIn(path.join(this.#folder, name)) ?? []);
  }
}

/** @returns null if that file holds none, or is gone */
function loginIn(file: string): KeptLogin | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return null;
  }
  const { user, token, clusterId, servers } = (jsonIn(text) ?? {}) as Partial<KeptLogin>;
  const isWhole = [user, token, clusterId].every((one) => typeof one === "string") && Array.isArray(servers);
  return isWhole ? ({ user, token, clusterId, servers } as KeptLogin) : null;
}
