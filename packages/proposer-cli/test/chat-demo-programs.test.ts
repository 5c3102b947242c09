import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ChatClient, StoreError } from "@synod/client";
import { ClusterFolder } from "@synod/replica-server/topology";
import { describe, expect, onTestFinished, test } from "vitest";
import { ownPart } from "../src/chat-demo/demo-settings.ts";
import { nodesSeen, statusSentence } from "../src/chat-demo/demo-status.ts";
import { claimData } from "../src/chat-demo/one-program.ts";
import { takeUpData } from "../src/chat-demo/own-data.ts";
import { meetingAddress } from "../src/chat-demo/ports.ts";
import { workload } from "../src/chat-demo/workload.ts";
import { runNodeHere } from "../src/cluster/run-node.ts";
import { Terminal } from "../src/terminal/terminal.ts";
import { freeOffset, LONG_MS, never } from "./chat-demo-stage.ts";
import { HOST } from "./process-stage.ts";
import { runCommand } from "./run-command.ts";

function home(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "synod-chat-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("the data of a machine", () => {
  const sink = { write: () => {} };
  const terminal = new Terminal(
    { stdin: process.stdin, stdout: sink, stderr: sink, env: {}, interrupted: never, outputClosed: never },
    { json: false, color: false },
  );
  const part = (at: string, more: Record<string, unknown> = {}) =>
    ownPart({ "machine-id": 1, home: at, ...more }, terminal, HOST, HOST);

  test("is cleared for a new cluster, and kept for the one it is of", async () => {
    const at = home();
    const first = await takeUpData(part(at), { kind: "met", cluster: "a", how: "new" }, undefined, LONG_MS, never);
    const file = path.join(first.folder.path, "node1", "something");
    mkdirSync(path.dirname(file));
    writeFileSync(file, "");
    expect(part(at).facts).toMatchObject({ kept: "a", clears: true });
    const kept = part(at, { "skip-clear": true });
    expect(kept.facts).toMatchObject({ kept: "a", clears: false });
    await takeUpData(kept, { kind: "met", cluster: "a", how: "again" }, undefined, LONG_MS, never);
    expect(existsSync(file)).toBe(true);
    await takeUpData(part(at), { kind: "met", cluster: "b", how: "new" }, undefined, LONG_MS, never);
    expect(existsSync(file)).toBe(false);
    expect(new ClusterFolder("chat-demo-1", at).read()?.clusterId).toBe("b");
    expect(part(at).facts.kept).toBe("b");
  });

  test("is not kept by nodes at other ports, or on another engine: that is said before anybody is met", async () => {
    const at = home();
    await takeUpData(part(at), { kind: "met", cluster: "a", how: "new" }, undefined, LONG_MS, never);
    for (const more of [{ "port-offset": 100 }, { engine: "paxos" }]) {
      expect(() => part(at, { ...more, "skip-clear": true })).toThrow("is of nodes at other addresses or ports");
      expect(part(at, more).facts.kept).toBe("a");
    }
  });

  test("is one program's: another one would stop its nodes, and clear what they have", async () => {
    const own = part(home());
    const giveUp = claimData(own, meetingAddress(HOST, 1, 0));
    expect(() => claimData(own, meetingAddress(HOST, 1, 100))).toThrow(`it is process ${process.pid}`);
    giveUp();
    claimData(own, meetingAddress(HOST, 1, 100))();
  });

  test("holds no node of the other machine: begun here, it would have forgotten what it voted for there", async () => {
    const settings = await takeUpData(
      part(home()),
      { kind: "met", cluster: "a", how: "new" },
      undefined,
      LONG_MS,
      never,
    );
    const remote = settings.topology.nodes.find(({ name }) => name === "node3");
    if (!remote) throw new Error("there is no node 3");
    const log = { level: "silent", write: () => {} };
    await expect(runNodeHere(settings, remote, log, terminal)).rejects.toThrow("what node3 promised");
  });
});

describe("the status of a node", () => {
  const at = (port: number) => ({ host: HOST, port });
  const servers = (node: string, raftUp: boolean, gatewayUp: boolean) => [
    { role: "raft", node, name: node.replace("node", "raft"), up: raftUp },
    { role: "gateway", node, name: node.replace("node", "gateway"), up: gatewayUp },
  ];
  const nodes = [1, 2, 3, 4, 5].map((id) => ({
    name: `node${id}`,
    roles: [
      { role: "raft", address: at(60 + id) },
      { role: "gateway", address: at(50 + id) },
    ],
  }));

  test("is what its servers answer, and, of a node of this machine, what its process is", () => {
    const seen = {
      leader: "raft4",
      acceptorsUp: 2,
      majorityRequired: 3,
      servers: [
        ...servers("node1", true, true),
        ...servers("node2", false, false),
        ...servers("node3", true, false),
        ...servers("node4", true, true),
        ...servers("node5", false, false),
      ],
    } as never;
    const processes: Record<number, { isRunning: boolean; wasReady: boolean }> = {
      1: { isRunning: true, wasReady: true },
      2: { isRunning: false, wasReady: true },
    };
    const rows = nodesSeen({ nodes } as never, seen, (id) => processes[id] ?? null);
    expect(rows.map(({ id, location, state, leads }) => [id, location, state, leads])).toEqual([
      [1, "Local", "Online", false],
      [2, "Local", "Failed", false],
      [3, "Remote", "Starting", false],
      [4, "Remote", "Online", true],
      [5, "Remote", "Offline", false],
    ]);
    expect(rows[0]).toMatchObject({ clients: `${HOST}:51`, nodes: `${HOST}:61` });
    expect(statusSentence(rows, seen)).toBe("Node 4 leads. There is no quorum: 2 of 5 nodes are online, 3 are needed.");
    const own = (isRunning: boolean, wasReady: boolean) =>
      nodesSeen({ nodes } as never, seen, () => ({ isRunning, wasReady }))[1]?.state;
    expect([own(true, false), own(true, true), own(false, false)]).toEqual(["Starting", "Offline", "Offline"]);
  });
});

describe("synod chat demo", () => {
  const demo = (...words: string[]) => runCommand("synod", ["chat", "demo", "--home", home(), ...words]);

  test("needs the other machine's address, and, where nobody can be asked, says so: exit 2", async () => {
    const { exitCode, stderr } = await demo("--machine-id", "1");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("where is machine 2? Say --peer-ip ADDRESS; to look for it");
    const file = path.join(home(), "secret");
    const offset = await freeOffset();
    const searched = await demo(
      "--machine-id",
      "2",
      "--secret-file",
      file,
      "--find-within",
      "50ms",
      "--port-offset",
      `${offset}`,
    );
    expect(searched.exitCode).toBe(2);
    expect(searched.stderr).toContain(
      "where is machine 1? Say --peer-ip ADDRESS; no machine on the local network answered",
    );
  });

  test("needs a secret where other machines could reach it, and is refused without: exit 2", async () => {
    const { exitCode, stderr } = await demo("--machine-id", "1", "--peer-ip", "192.0.2.1");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--secret-file FILE. It is made if it is not there");
  });

  test("makes the secret that is not there, for its owner alone, and leaves one that is as it is", async () => {
    const file = path.join(home(), "secret");
    const offset = String(await freeOffset());
    const words = ["--peer-ip", HOST, "--secret-file", file, "--wait", "50ms", "--port-offset", offset];
    const first = await demo("--machine-id", "1", ...words);
    expect(first.exitCode).toBe(3);
    expect(first.stderr).toContain(`scp -p ${file} USER@${HOST}:`);
    expect(first.stderr).toContain(
      `Start it there: synod chat demo --machine-id 2 --peer-ip ${HOST} --secret-file FILE --port-offset ${offset}`,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secret = readFileSync(file, "utf8");
    expect(secret).toMatch(/^[\w-]{43}\n$/);
    const second = await demo("--machine-id", "2", ...words);
    expect(second.stderr).not.toContain("scp");
    expect(readFileSync(file, "utf8")).toBe(secret);
  });

  test.each([
    [["--machine-id", "3"], "--machine-id must be a whole number 1..2"],
    [[], "missing: --machine-id"],
    [["--machine-id", "1", "--port-offset", "15441"], "--port-offset must be a whole number 0..15440"],
    [["--machine-id", "1", "--peer-ip", "fe80::1%eth0"], "without a zone"],
    [["--machine-id", "1", "--peer-ip", HOST, "--secret-file", "/no/such/folder/secret"], "cannot be made"],
  ])("is told what is wrong with %j", async (words, complaint) => {
    const { exitCode, stderr } = await demo(...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(complaint);
  });
});

describe("the test at the prompt", () => {
  /** A chat that takes everything, and hands over these messages to whoever reads. */
  function fakeChat(
    read: (sent: { id: number; from: string; text: string }) => object[],
    logInFails?: Error,
  ): ChatClient {
    const sent = { id: 7, from: "alice", text: "" };
    const login = (user: string) => ({
      ...{ user, unreadAtFirst: 0, markRead: async () => {}, logOut: async () => {} },
      send: async (_to: string, text: string) => Object.assign(sent, { text }),
      conversation: async () => ({ messages: read(sent) }),
    });
    const logIn = async (user: string) => {
      if (logInFails) throw logInFails;
      return login(user);
    };
    return { isTaken: async (user: string) => user === "bob", createAccount: async () => {}, logIn } as never;
  }

  test("says each step in the original's sentences, to the message that is read", async () => {
    const told: string[] = [];
    await workload(
      fakeChat((sent) => [sent]),
      "hello",
      (sentence) => told.push(sentence),
    );
    expect(told).toEqual([
      "New account 'alice' created.",
      "Username already exists: 'bob'.",
      "Logged in as 'alice'. Unread messages: 0.",
      "Message sent to 'bob': hello",
      "Logged in as 'bob'. Unread messages: 0.",
      "Message read by 'bob': hello",
      "User 'alice' logged out.",
      "User 'bob' logged out.",
    ]);
  });

  test("fails if the message is not there, or is another one: that it was sent proves nothing", async () => {
    for (const read of [
      () => [],
      (sent: object) => [{ ...sent, text: "other" }],
      (sent: object) => [{ ...sent, id: 8 }],
    ]) {
      await expect(workload(fakeChat(read), "hello", () => {})).rejects.toMatchObject({
        code: "not-read",
        exitCode: 1,
      });
    }
  });

  test("fails if somebody else has the account, and says which password it needs", async () => {
    const wrong = new StoreError("incorrect-password", "Incorrect password.", true);
    await expect(
      workload(
        fakeChat(() => [], wrong),
        "hello",
        () => {},
      ),
    ).rejects.toThrow("the test needs alice-demo");
  });
});
