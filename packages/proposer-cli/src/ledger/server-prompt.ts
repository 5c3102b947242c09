import type { ClusterSettings, Node } from "../cluster/settings.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import { takeInTurn } from "../terminal/lines-in-turn.js";
import type { Prompt } from "../terminal/prompt.js";
import { MessageView } from "./message-view.js";
import type { OwnServer } from "./own-server.js";
import { type PromptLine, printList, promptLine, refuseRest, toPrint } from "./prompt-line.js";
import { SERVER_PRINTABLES, type ServerPlace, ServerView } from "./server-printables.js";

const COMMANDS = ["failProcess", "failLink", "fixLink", "debug", "help", "exit", "quit"];

/** What Tab completes to. */
export const SERVER_LINES = [
  ...["failProcess", "failLink ", "fixLink ", "debug", "help", "exit", "quit"],
  ...SERVER_PRINTABLES.map(({ name }) => `print ${name}`),
];

const HELP = [
  "failProcess: crash this server's process at once, as kill -9 does",
  "failLink <port>: break the link to another server; nothing gets through, in both directions",
  "fixLink <port>: fix it again, whoever broke it",
  ...printList(SERVER_PRINTABLES),
  "debug: show the messages that this server sends and gets, or stop that",
  "exit (quit, Ctrl-C, Ctrl-D): stop this server; it keeps its state",
];

/** What a person at a server sees and does. All of it goes by the server's own routes. */
export class ServerPrompt {
  readonly #prompt: Prompt;
  readonly #view: ServerView;
  readonly #messages: MessageView;
  readonly #json: boolean;

  /** @param json whether each thing that is told is a JSON document on a line of its own */
  constructor(prompt: Prompt, server: OwnServer, settings: ClusterSettings, node: Node, json: boolean) {
    this.#prompt = prompt;
    this.#view = new ServerView(server, settings, node);
    this.#messages = new MessageView(server, node, prompt, json);
    this.#json = json;
  }

  /** Takes lines, one after the other, until there are no more. @returns whether somebody said that it is to end */
  async run(): Promise<boolean> {
    const isOver = await takeInTurn(this.#prompt, (text) => this.#take(text));
    this.#messages.close();
    return isOver;
  }

  /** @returns whether that ends the server */
  async #take(text: string): Promise<boolean> {
    try {
      const line = promptLine(text, COMMANDS, SERVER_PRINTABLES);
      return line !== null && (await this.#carryOut(line));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      const { code, message, exitCode } = error;
      if (this.#json) this.#prompt.tell(JSON.stringify({ command: text.trim(), error: { code, message, exitCode } }));
      this.#prompt.note(message);
      return false;
    }
  }

  async #carryOut(line: PromptLine): Promise<boolean> {
    const { command, rest } = line;
    if (command === "failLink") await this.#failLink(this.#otherAt(command, rest));
    else if (command === "fixLink") await this.#fixLink(this.#otherAt(command, rest));
    else if (command === "print") await this.#print(rest);
    else {
      refuseRest(line);
      if (command === "failProcess") await this.#failProcess();
      if (command === "debug") this.#say(this.#messages.toggle());
      if (command === "help") for (const help of HELP) this.#prompt.note(help);
    }
    return command === "exit" || command === "quit";
  }

  async #print(rest: string): Promise<void> {
    const wanted = toPrint(rest, SERVER_PRINTABLES);
    if (wanted === null) {
      for (const line of printList(SERVER_PRINTABLES)) this.#prompt.note(line);
      return;
    }
    const { document, lines } = await wanted.look(this.#view);
    if (this.#json) this.#prompt.tell(JSON.stringify({ [wanted.name]: document }));
    else for (const line of lines) this.#prompt.tell(line);
  }

  async #failLink({ node, port }: ServerPlace): Promise<void> {
    const link = (await this.#view.brokenLinks()).linkTo(node);
    if (link?.isBothWays) {
      this.#say(`The link to ${port} is already broken`);
      return;
    }
    await this.#view.server.begin(`cut ${this.#view.self}<>${node}`);
    this.#say(`Broke the link to ${port}`);
  }

  async #fixLink({ node, port }: ServerPlace): Promise<void> {
    const { server, self } = this.#view;
    const broken = await this.#view.brokenLinks();
    const link = broken.linkTo(node);
    const others = broken.othersCutWith(node);
    // First what stays cut: no message shall slip through meanwhile.
    if (others !== "") await server.begin(others);
    for (const { id } of link?.faults ?? []) await server.heal(id);
    this.#say(link === null ? `The link to ${port} is not broken` : `Fixed the link to ${port}`);
    if ((await this.#view.brokenLinks(node)).linkTo(self) === null) return;
    this.#prompt.note(`${node} itself still cuts it: fixLink there, or synod cluster heal ${self} ${node}`);
  }

  /** The server at this port. @throws {UsageError} if it is no other server's */
  #otherAt(command: string, rest: string): ServerPlace {
    const word = rest.trim();
    const { places, self } = this.#view;
    const others = places.filter(({ node }) => node !== self);
    const list = others.map(({ node, port }) => `${port} (${node})`).join(", ");
    if (others.length === 0) throw new UsageError("there is no other server, and so no link");
    if (word === "") throw new UsageError(`the port is missing: ${command} <port>, one of ${list}`);
    const meant = others.filter(({ port, address }) => word === String(port) || word === address);
    const [other] = meant;
    if (meant.length > 1) {
      const addresses = meant.map(({ address }) => address).join(" or ");
      throw new UsageError(`several servers have the port ${word}: say ${addresses}`);
    }
    if (other) return other;
    const isOwn = places.some(({ port }) => word === String(port));
    throw new UsageError(`${word} is ${isOwn ? "this server's own port" : "no server's port"}: say one of ${list}`);
  }

  async #failProcess(): Promise<void> {
    const { server, self } = this.#view;
    const { operator } = await server.nodes();
    if (!operator.available) throw new CommandFailure(ExitCode.failure, "no-operator", operator.reason ?? "nobody may");
    this.#say("Failing the process");
    // What edits lines has changed how the terminal works, and nobody could set it right afterwards.
    this.#prompt.close();
    await server.fail(self);
  }

  #say(sentence: string): void {
    this.#prompt.tell(this.#json ? JSON.stringify({ said: sentence }) : sentence);
  }
}
