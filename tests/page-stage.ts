import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatAddress, type GatewayStatusReply, type Topology } from "@synod/api";
import { type PresetName, preset, printTopology } from "@synod/replica-server/topology";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { BIN, ended, freePorts, HOST, type ProcessRan } from "../packages/proposer-cli/test/process-stage.js";

const CHROMIUM = "/usr/bin/chromium";

/** Whether there is a browser to look at the page with. */
export const hasBrowser = spawnSync(CHROMIUM, ["--version"]).status === 0;

/** Nothing of the machine's is used, and nothing is fetched but the page. */
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** How long what is waited for may take, in milliseconds, on a machine that has other things to do. */
const PATIENCE_MS = 20_000;
const START_WITHIN_MS = 90_000;

/** By name: what a tab keeps as long as it is open. */
type Kept = Readonly<Record<string, string>>;

/** A cluster of real processes, as one of the presets, and a browser: for all tests of a file. */
export class PageStage {
  readonly #home: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #browser: Browser;
  readonly #nodes: Topology["nodes"];
  /** What the browser complained of, and what it asked of others than the page's own server. */
  readonly complaints: string[] = [];

  private constructor(home: string, nodes: Topology["nodes"], browser: Browser) {
    const { PATH, HOME } = process.env;
    this.#home = home;
    this.#env = { PATH, HOME, SYNOD_HOME: home };
    this.#nodes = nodes;
    this.#browser = browser;
  }

  /** A browser alone, for pages of servers that a test has itself. */
  static async withoutCluster(): Promise<PageStage> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    return new PageStage(mkdtempSync(join(tmpdir(), "synod-page-")), [], browser);
  }

  /** Starts three nodes of this kind. */
  static async begun(kind: PresetName = "kv-compact"): Promise<PageStage> {
    const usual = preset(kind, { servers: 3 });
    const ports = await freePorts(usual.nodes.flatMap(({ roles }) => roles).length);
    const nodes = usual.nodes.map((node) => ({
      ...node,
      roles: node.roles.map((role) => ({ ...role, address: { host: HOST, port: ports.shift() ?? 0 } })),
    }));
    const home = mkdtempSync(join(tmpdir(), "synod-page-"));
    const file = join(home, "topology.yaml");
    writeFileSync(file, printTopology({ ...usual, nodes }));
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const stage = new PageStage(home, nodes, browser);
    const { exitCode, stderr } = await stage.synod("cluster", "start", file);
    if (exitCode === 0) return stage;
    await stage.end();
    throw new Error(stderr);
  }

  async end(): Promise<void> {
    await this.#browser.close();
    if (this.#nodes.length > 0) await this.synod("cluster", "fail", ...this.#nodes.map(({ name }) => name));
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Runs `synod` on the cluster, to its end. */
  synod(...words: string[]): Promise<ProcessRan> {
    const options = { env: this.#env, cwd: this.#home };
    return ended(spawn(process.execPath, [`${BIN}synod.js`, ...words], options), START_WITHIN_MS);
  }

  /** The address of a node's gateway. */
  url(node: string): string {
    const gateway = this.#nodes.find(({ name }) => name === node)?.roles.find(({ role }) => role === "gateway");
    if (!gateway) throw new Error(`${node} has no gateway`);
    return `http://${formatAddress(gateway.address)}/`;
  }

  /** The node that leads, as one of the gateways says. */
  async leader(): Promise<string> {
    for (const { name } of this.#nodes) {
      const status = await fetch(`${this.url(name)}status`).catch(() => null);
      const {
        leader,
        proposers = [],
        raft_servers = [],
      } = ((await status?.json()) ?? {}) as Partial<GatewayStatusReply>;
      const node = [...proposers, ...raft_servers].find((one) => one.name === leader)?.node;
      if (node !== undefined) return node;
    }
    throw new Error("nobody leads");
  }

  /** A node that does not lead, so that the page goes on when the leader fails. */
  async follower(): Promise<string> {
    const [follower] = await this.followers();
    return follower ?? this.leader();
  }

  /** The nodes that do not lead. */
  async followers(): Promise<string[]> {
    const leader = await this.leader();
    return this.#nodes.map(({ name }) => name).filter((name) => name !== leader);
  }

  /** Opens the page of a node's gateway, as somebody who was never here before, and waits until a leader is shown. */
  async visit(node: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await this.visitAt(this.url(node), options);
    await visit.sees(visit.page.getByText(/^proposer\d leads$/));
    return visit;
  }

  /** Opens the page at this address, whatever is there. @param kept what the tab keeps for the page already */
  async visitAt(own: string, options: BrowserContextOptions = {}, kept: Kept = {}): Promise<Visit> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(`Object.assign(sessionStorage, ${JSON.stringify(kept)})`);
    const page = await context.newPage();
    page.on("pageerror", ({ message }) => this.complaints.push(message));
    page.on("request", (request) => {
      if (!request.url().startsWith(own)) this.complaints.push(`asked another server: ${request.url()}`);
    });
    page.on("console", (message) => {
      // A browser also notes each answer that is an error, and each connection that broke.
      const isNoted = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isNoted) this.complaints.push(message.text());
    });
    await page.goto(own);
    return new Visit(page);
  }
}

/** Somebody who looks at the page. */
export class Visit {
  readonly answer: Locator;

  constructor(readonly page: Page) {
    this.answer = page.getByRole("status", { name: "Answer" });
  }

  /** Waits until this is to be seen. */
  sees(what: Locator | string): Promise<void> {
    return (typeof what === "string" ? this.page.getByText(what) : what).first().waitFor();
  }

  /** Waits until this is not to be seen any more. */
  missesAll(what: Locator): Promise<void> {
    return what.first().waitFor({ state: "hidden" });
  }

  press(name: string | RegExp): Promise<void> {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  async put(key: string, value: string): Promise<void> {
    await this.page.getByLabel("Key", { exact: true }).fill(key);
    await this.page.getByLabel("Value", { exact: true }).fill(value);
    await this.press("Put");
  }

  /** Tells the page that somebody sees it, or that nobody does any more. */
  async hide(isHidden: boolean): Promise<void> {
    await this.page.evaluate(`
      Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    `);
  }

  /** The card of a node. */
  node(name: string): Locator {
    return this.page.locator("li.node", { has: this.page.getByRole("heading", { name, exact: true }) });
  }

  /** A part of the page, by its heading. */
  part(title: string): Locator {
    return this.page.getByRole("region", { name: title, exact: true }).first();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}

/** What a checker of accessibility finds, and where. */
export async function complaintsOf(page: Page, check: string): Promise<string[]> {
  const { violations } = (await page.evaluate(check)) as {
    violations: { id: string; nodes: { target: string[] }[] }[];
  };
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
