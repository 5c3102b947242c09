/**
 * All nodes of a hosts file and one client, in this program: they elect a leader, get their roles, and agree on a value. In
 * earnest each would run in a program of its own, on its own machine, with the same file.
 *
 *     node examples/ring.mjs [hosts file]
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClientNode, ConsensusNode, parseHosts } from "@synod/ring";

const hosts = parseHosts(readFileSync(process.argv[2] ?? "hosts.txt", "utf8"));
const uids = hosts.hosts.filter(({ kind }) => kind === "node").map(({ uid }) => uid);
const folder = mkdtempSync(join(tmpdir(), "ring-"));
const nodes = await Promise.all(uids.map((uid) => ConsensusNode.start({ hosts, uid, folder: join(folder, `${uid}`) })));
const client = await ClientNode.start({ hosts, uid: uids.length });
const value = await client.set("210", { proposer: 0 });
console.log(`${value} is chosen; node ${nodes[0].state.started.leader} was elected`);
await client.close();
await Promise.all(nodes.map((node) => node.close()));
rmSync(folder, { recursive: true });
