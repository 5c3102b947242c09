import { type Json, type LedgerAnswer, type LedgerClient, StoreError } from "@synod/client";
import { type CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import type { Prompt } from "../terminal/prompt.js";
import { answerText } from "./answer-text.js";
import { ledgerFailure } from "./ask-ledger.js";
import type { LedgerServers } from "./ledger-servers.js";
import { LiteralError } from "./literal-error.js";
import { literalText } from "./literal-text.js";
import { type PromptLine, printList, promptLine, refuseRest, toPrint } from "./prompt-line.js";
import { literalsIn } from "./typed-literals.js";

/** A request that was typed. */
interface Request {
  /** As it is told of: `put "alice" 10`. */
  readonly text: string;
  send(client: LedgerClient): Promise<LedgerAnswer>;
}

const PRINTABLES = [
  { name: "operationQueue", short: "oq", summary: "requests that have no answer yet, the one under way first" },
] as const;

const COMMANDS = ["put", "get", "help", "exit", "quit"];

/** What Tab completes to. */
export const CLIENT_LINES = ["put ", "get ", "print operationQueue", "help", "exit", "quit"];

const HELP = [
  "put <key> <value>       put a value under a key, in a block of its own: put 'alice' 10",
  "get <key>               get it, in a block of its own, too: get 'alice'",
  "print operationQueue    (oq) requests that have no answer yet",
  "exit                    (quit, Ctrl-D) leave when all requests are answered; Ctrl-C leaves at once",
  "Keys and values are literals: 'text', \"text\", 1, [1, 2], {'key1': 'val1'}, True, False, None.",
];

/** What a person at a client sees and does. */
export class ClientPrompt {
  readonly #prompt: Prompt;
  readonly #client: LedgerClient;
  readonly #servers: LedgerServers;
  readonly #json: boolean;
  /** Without an answer, the one under way first. */
  readonly #queue: Request[] = [];
  #firstFailure: ExitCode = ExitCode.done;
  #sending: Promise<void> | null = null;

  constructor(prompt: Prompt, client: LedgerClient, servers: LedgerServers, json: boolean) {
    this.#prompt = prompt;
    this.#client = client;
    this.#servers = servers;
    this.#json = json;
  }

  /** Takes lines until there are no more, and waits for the answers. @returns what to end with */
  async run(): Promise<ExitCode> {
    const { interrupted, isInteractive } = this.#prompt;
    await this.#prompt.read((line) => this.#take(line));
    if (this.#queue.length > 0 && !interrupted.aborted && isInteractive) {
      this.#prompt.note(`waiting for ${counted(this.#queue.length)}; Ctrl-C leaves at once`);
    }
    const ended = new Promise<void>((resolve) =>
      interrupted.addEventListener("abort", () => resolve(), { once: true }),
    );
    if (!interrupted.aborted) await Promise.race([this.#sending, ended]);
    if (interrupted.aborted) return this.#leave();
    return isInteractive ? ExitCode.done : this.#firstFailure;
  }

  #leave(): ExitCode {
    const [first] = this.#queue;
    this.#prompt.note(
      first === undefined
        ? "interrupted: every request was answered"
        : `interrupted: ${counted(this.#queue.length)} not answered. ${first.text} was under way, and may have happened`,
    );
    return ExitCode.interrupted;
  }

  #take(text: string): void {
    try {
      const line = promptLine(text, COMMANDS, PRINTABLES);
      if (line !== null) this.#carryOut(line);
    } catch (error) {
      const failure = error instanceof LiteralError ? new UsageError(error.message) : error;
      if (!(failure instanceof UsageError)) throw failure;
      this.#tellFailure(text.trim(), failure, failure.message);
    }
  }

  #carryOut(line: PromptLine): void {
    const { command, rest } = line;
    switch (command) {
      case "put": {
        const [key = null, value = null] = literalsIn(command, rest, ["key", "value"]);
        const text = `put ${literalText(key)} ${literalText(value)}`;
        this.#add({ text, send: (client) => client.put(key, value) });
        return;
      }
      case "get": {
        const [key = null] = literalsIn(command, rest, ["key"]) as [Json];
        this.#add({ text: `get ${literalText(key)}`, send: (client) => client.get(key) });
        return;
      }
      case "print":
        this.#print(rest);
        return;
      case "help":
        for (const help of HELP) this.#prompt.note(help);
        return;
      default:
        refuseRest(line);
        this.#prompt.close();
    }
  }

  #print(rest: string): void {
    const wanted = toPrint(rest, PRINTABLES);
    if (wanted === null) {
      for (const line of printList(PRINTABLES)) this.#prompt.note(line);
      return;
    }
    const texts = this.#queue.map(({ text }) => text);
    if (this.#json) this.#prompt.tell(JSON.stringify({ operationQueue: texts }));
    else if (texts.length === 0) this.#prompt.tell("The operation queue is empty");
    else for (const [place, text] of texts.entries()) this.#prompt.tell(`${place + 1}. ${text}`);
  }

  #add(request: Request): void {
    this.#queue.push(request);
    this.#sending ??= this.#send();
  }

  /** One request after the other, in the order in which they were typed. */
  async #send(): Promise<void> {
    for (let request = this.#queue[0]; request !== undefined; request = this.#queue[0]) {
      try {
        this.#tell(request, await request.send(this.#client));
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        // Whoever left at once is told how many have no answer, of which this is one.
        if (this.#prompt.interrupted.aborted) return;
        this.#tellFailure(request.text, ledgerFailure(error, this.#servers), `${request.text}: ${error.message}`);
      }
      this.#queue.shift();
    }
    this.#sending = null;
  }

  #tell({ text }: Request, answer: LedgerAnswer): void {
    if (this.#json) this.#prompt.tell(JSON.stringify({ request: text, ...answer }));
    else this.#prompt.tell(`${text}: ${answerText(answer)} (block ${answer.height})`);
  }

  #tellFailure(request: string, { code, message, exitCode }: CommandFailure, words: string): void {
    if (this.#json) this.#prompt.tell(JSON.stringify({ request, error: { code, message, exitCode } }));
    this.#prompt.note(words);
    if (this.#firstFailure === ExitCode.done) this.#firstFailure = exitCode;
  }
}

function counted(requests: number): string {
  return requests === 1 ? "1 request" : `${requests} requests`;
}
