import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ClusterFolder, ClusterFolderError, clustersIn, preset } from "@synod/replica-server/topology";
import { expect, onTestFinished, test } from "vitest";

function newHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), "synod-cluster-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

function newFolder(): ClusterFolder {
  return new ClusterFolder("kv", newHome());
}

test("a cluster is found again with its topology and its id, also by another object", () => {
  const folder = newFolder();
  expect(folder.read()).toBeNull();
  const made = folder.readOrCreate(preset("kv"));
  expect(made.clusterId).toMatch(/^[\w-]{36}$/);
  expect(new ClusterFolder("kv", folder.home).read()).toEqual(made);
  expect(folder.readOrCreate(preset("kv"))).toEqual(made);
});

test("its record is JSON that a person can read, and no draft of it is left", () => {
  const folder = newFolder();
  const { clusterId } = folder.readOrCreate(preset("kv"));
  const record = JSON.parse(readFileSync(folder.recordFile, "utf8"));
  expect(record).toMatchObject({
    clusterId,
    topology: { name: "kv", nodes: { gateway: { gateway: "127.0.0.1:8000" } } },
  });
  expect(clustersIn(folder.home)).toEqual(["kv"]);
});

test("the folder of a chat, which has people's messages, is its owner's alone; that of a store is as any other", () => {
  const home = newHome();
  const folders = (["kv", "chat"] as const).map((application) => {
    const folder = new ClusterFolder(application, home);
    folder.readOrCreate(preset(application));
    return statSync(folder.path).mode & 0o077;
  });
  expect(folders).toEqual([0o077 & ~process.umask(), 0]);
});

test.each([
  ["ports", preset("kv", { portOffset: 1 }), "its acceptor1 is acceptor at 127.0.0.1:5001"],
  ["nodes", preset("kv-compact", { cluster: "kv" }), "it has a node acceptor1"],
  ["chaos", { ...preset("kv"), chaos: false }, "its chaos is true, not false"],
])("another topology for the same name is refused, and told by what differs: %s", (_what, other, difference) => {
  const folder = newFolder();
  folder.readOrCreate(preset("kv"));
  expect(() => folder.readOrCreate(other)).toThrow(ClusterFolderError);
  expect(() => folder.readOrCreate(other)).toThrow(difference);
  expect(() => folder.readOrCreate(other)).toThrow("synod cluster start --cluster kv");
});

test.each(["", "{}", "no json", '{"clusterId": "x", "topology": {"name": "kv"}}'])(
  "a record that is none (%j) is refused: a new id would make strangers of the nodes",
  (text) => {
    const folder = newFolder();
    folder.readOrCreate(preset("kv"));
    writeFileSync(folder.recordFile, text);
    expect(() => folder.read()).toThrow("is not a cluster's record");
    expect(() => folder.readOrCreate(preset("kv"))).toThrow(ClusterFolderError);
  },
);

test("a record that is missing where nodes have state is refused, too", () => {
  const folder = newFolder();
  folder.readOrCreate(preset("kv"));
  folder.markMade("acceptor1");
  rmSync(folder.recordFile);
  expect(() => folder.readOrCreate(preset("kv"))).toThrow("cluster.json is missing, but nodes' state is there");
});

test("a node that had state and lost its folder is not started afresh; one that never had any is", () => {
  const folder = newFolder();
  const [acceptor, , , proposer, , learner] = folder.readOrCreate(preset("kv")).topology.nodes;
  if (!acceptor || !proposer || !learner) throw new Error("the preset has other nodes");
  for (const node of [acceptor, proposer, learner]) {
    folder.refuseLost(node);
    folder.markMade(node.name);
  }
  expect(() => folder.refuseLost(acceptor)).toThrow("synod cluster stop && synod cluster reset");
  expect(() => folder.refuseLost(proposer)).toThrow(ClusterFolderError);
  // What a learner knew, others know.
  folder.refuseLost(learner);
  mkdirSync(path.join(folder.node(acceptor.name).folder, "acceptor"), { recursive: true });
  folder.refuseLost(acceptor);
});

test("a cluster that is set aside is gone in one step, and can be put back as it was", () => {
  const folder = newFolder();
  const made = folder.readOrCreate(preset("kv"));
  const aside = folder.setAside();
  expect(folder.read()).toBeNull();
  expect(aside.folder.read()).toEqual(made);
  aside.putBack();
  expect(folder.read()).toEqual(made);
  folder.setAside().remove();
  expect(existsSync(folder.path)).toBe(false);
  expect(clustersIn(folder.home)).toEqual([]);
});

test("several clusters share a home, listed by name; what is none is passed over", () => {
  const home = newHome();
  for (const name of ["kv", "another"]) new ClusterFolder(name, home).readOrCreate(preset("kv", { cluster: name }));
  mkdirSync(path.join(home, "clusters", "no-record"));
  expect(clustersIn(home)).toEqual(["another", "kv"]);
  expect(clustersIn(path.join(home, "nowhere"))).toEqual([]);
});
