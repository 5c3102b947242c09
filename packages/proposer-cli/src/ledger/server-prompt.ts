import { setMaxListeners } from "node:events";
import { formatAddress } from "@synod/api";
import type { ClusterSettings, Node } from "../cluster/settings.js";
import { serversOf } from "../cluster/start-nodes.js";
import { CommandFailure, ExitCode, UsageError } from "../terminal/exit-code.js";
import type { Prompt } from "../terminal/prompt.js";
import { BrokenLinks } from "./broken-links.js";
import { MessageView } from "./message-view.js";
import type { OwnServer } from "./own-server.js";
import { type Printable, type PromptLine, printList, promptLine, refuseRest, toPrint } from "./prompt-line.js";
import { chainLines, mapLines, requestLines } from "./server-texts.js";

const COMMANDS = ["failProcess", "failLink", "fixLink", "debug", "help", "exit", "quit"];

/** What there is to print, and what prints it. */
interface ServerPrintable extends Printable {
  readonly lines: (prompt: ServerPrompt) => Promise<string[]>;
}

const PRINTABLES: readonly ServerPrintable[] = [
  { name: "brokenLinks", short: "bl", summary: "links that are broken at this server", lines: (it) => it.linkLines() },
  {
    name: "blockchain",
    short: "bc",
    summary: "the last blocks, and what is accepted and not known to be chosen",
    lines: async ({ server }) => chainLines(await server.lastBlocks(), await server.tentative()),
  },
  {
    name: "depth",
    short: "d",
    summary: "how many blocks there are",
    lines: async ({ server }) => [`${(await server.chain()).height}`],
  },
  {
    name: "kvstore",
    short: "kv",
    summary: "the keys and their values",
    lines: async ({ server }) => mapLines(await server.map()),
  },
  {
    name: "requestQueue",
    short: "rq",
    summary: "what this server was asked and has not answered",
    lines: async ({ server }) => requestLines(await server.requests()),
  },
  { name: "serverList", short: "sl", summary: "every server, by its port", lines: (it) => it.serverLines() },
];

/** What Tab completes to. */
export const SERVER_LINES = [
  ...["failProcess", "failLink ", "fixLink ", "debug", "help", "exit", "quit"],
  ...PRINTABLES.map(({ name }) => `print ${name}`),
];

const HELP = [
  "failProcess        crash this server's process at once, as kill -9 does",
  "failLink <port>    break the link to another server: nothing gets through, in both directions",
  "fixLink <port>     fix it again, whoever broke it",
  ...PRINTABLES.map(({ name, short, summary }) => `print ${name} (${short}): ${summary}`),
  "debug              show the messages that this server sends and gets, or stop that",
  "exit               (quit, Ctrl-C, Ctrl-D) stop this server; it keeps its state",
];

/** A server as the others call it at a prompt. */
interface Other {
  readonly node: string;
  /** Of its gateway. */
  readonly port: number;
  /** The same with its host. */
  readonly address: string;
}

/** What a person at a server sees and does. All of it goes by the server's own routes. */
export class ServerPrompt {
  readonly server: OwnServer;
  readonly #prompt: Prompt;
  readonly #settings: ClusterSettings;
  readonly #node: Node;
  readonly #messages: MessageView;
  /** Every server of the ledger, this one too. */
  readonly #servers: readonly Other[];

  constructor(prompt: Prompt, server: OwnServer, settings: ClusterSettings, node: Node) {
    setMaxListeners(0, prompt.interrupted);
    this.#prompt = prompt;
    this.server = server;
    this.#settings = settings;
    this.#node = node;
    this.#messages = new MessageView(server, node, prompt);
    this.#servers = serversOf(settings.topology, "gateway").map(({ node: name, address }) => ({
      ...{ node: name, port: address.port, address: formatAddress(address) },
    }));
  }

  /** Takes lines, one after the other, until there are no more. @returns whether somebody said that it is to end */
  async run(): Promise<boolean> {
    let isOver = false;
    let doing = Promise.resolve();
    const take = async (text: string) => {
      if (!isOver) isOver = await this.#take(text);
      if (isOver) this.#prompt.close();
    };
    await this.#prompt.read((text) => {
      doing = doing.then(() => take(text));
    });
    await doing;
    this.#messages.close();
    return isOver;
  }

  /** @returns whether that ends the server */
  async #take(text: string): Promise<boolean> {
    try {
      const line = promptLine(text, COMMANDS, PRINTABLES);
      return line !== null && (await this.#carryOut(line));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.#prompt.note(error.message);
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
      if (command === "debug") this.#prompt.tell(this.#messages.toggle());
      if (command === "help") for (const help of HELP) this.#prompt.note(help);
    }
    return command === "exit" || command === "quit";
  }

  async #print(rest: string): Promise<void> {
    const wanted = toPrint(rest, PRINTABLES);
    if (wanted === null) for (const line of printList(PRINTABLES)) this.#prompt.note(line);
    else for (const line of await wanted.lines(this)) this.#prompt.tell(line);
  }

  // --- Links ---------------------------------------------------------------------------------------------------------

  async #failLink({ node, port }: Other): Promise<void> {
    const link = (await this.#brokenLinks()).linkTo(node);
    if (link?.isBothWays) {
      this.#prompt.tell(`The link to ${port} is already broken`);
      return;
    }
    await this.server.begin(`cut ${this.#node.name}<>${node}`);
    this.#prompt.tell(`Broke the link to ${port}`);
  }

  async #fixLink({ node, port }: Other): Promise<void> {
    const broken = await this.#brokenLinks();
    const link = broken.linkTo(node);
    const others = broken.othersCutWith(node);
    // First what stays cut: no message shall slip through meanwhile.
    if (others !== "") await this.server.begin(others);
    for (const { id } of link?.faults ?? []) await this.server.heal(id);
    this.#prompt.tell(link === null ? `The link to ${port} is not broken` : `Fixed the link to ${port}`);
    if (await this.#isCutAt(node)) {
      this.#prompt.note(
        `${node} itself still cuts it: fixLink there, or synod cluster heal ${this.#node.name} ${node}`,
      );
    }
  }

  async linkLines(): Promise<string[]> {
    const { all } = await this.#brokenLinks();
    if (all.length === 0) return ["No link is broken"];
    return all.map(({ to, faults }) => {
      const port = this.#servers.find(({ node }) => node === to)?.port ?? "no port";
      return `${port} (${to}): ${faults.map(({ text }) => text).join("; ")}`;
    });
  }

  async #brokenLinks(): Promise<BrokenLinks> {
    const { nodes } = await this.server.nodes();
    const faults = nodes.find(({ name }) => name === this.#node.name)?.faults ?? [];
    return this.#linksIn(this.#node.name, faults);
  }

  /** Whether that server cuts the link between it and this one. */
  async #isCutAt(other: string): Promise<boolean> {
    const { nodes } = await this.server.nodes();
    const faults = nodes.find(({ name }) => name === other)?.faults ?? [];
    return (await this.#linksIn(other, faults)).linkTo(this.#node.name) !== null;
  }

  #linksIn(self: string, faults: Parameters<typeof BrokenLinks.in>[2]): Promise<BrokenLinks> {
    const names = this.#settings.topology.nodes.map(({ name }) => name);
    return BrokenLinks.in(self, names, faults);
  }

  /** The server at this port. @throws {UsageError} if it is no other server's */
  #otherAt(command: string, rest: string): Other {
    const word = rest.trim();
    const others = this.#servers.filter(({ node }) => node !== this.#node.name);
    const list = others.map(({ node, port }) => `${port} (${node})`).join(", ");
    if (others.length === 0) throw new UsageError("there is no other server, and so no link");
    if (word === "") throw new UsageError(`the port is missing: ${command} <port>, one of ${list}`);
    const meant = others.filter(({ port, address }) => word === String(port) || word === address);
    const [other] = meant;
    if (meant.length > 1) {
      throw new UsageError(
        `several servers have the port ${word}: say ${meant.map(({ address }) => address).join(" or ")}`,
      );
    }
    if (other) return other;
    const isOwn = this.#servers.some(({ port }) => word === String(port));
    throw new UsageError(`${word} is ${isOwn ? "this server's own port" : "no server's port"}: say one of ${list}`);
  }

  // --- The server itself, and the others -------------------------------------------------------------------------------

  async #failProcess(): Promise<void> {
    const { operator } = await this.server.nodes();
    if (!operator.available) throw new CommandFailure(ExitCode.failure, "no-operator", operator.reason ?? "nobody may");
    this.#prompt.tell("Failing the process");
    // What edits lines has changed how the terminal works, and nobody could set it right afterwards.
    this.#prompt.close();
    await this.server.fail(this.#node.name);
  }

  async serverLines(): Promise<string[]> {
    const [{ nodes }, { leader, proposers }] = await Promise.all([this.server.nodes(), this.server.status()]);
    const leading = proposers.find(({ name }) => name === leader)?.node;
    const { all } = await this.#brokenLinks();
    return this.#servers.map(({ node, address }) => {
      const state = [
        nodes.find(({ name }) => name === node)?.answers ? "up" : "down",
        ...(node === leading ? ["leads"] : []),
        ...(node === this.#node.name ? ["this server"] : []),
        ...(all.some(({ to }) => to === node) ? ["link broken here"] : []),
      ];
      return `${address} ${node}: ${state.join(", ")}`;
    });
  }
}
