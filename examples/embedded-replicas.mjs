/**
 * Three nodes of a cluster in this program: no server has to be started. In earnest each would run
 * in a program of its own, on a machine of its own, with the same topology.
 *
 *     node examples/embedded-replicas.mjs [topology file]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReplica } from "@synod/replica-server";

const cluster = process.argv[2] ?? "kv-compact";
const folder = await mkdtemp(join(tmpdir(), "synod-embedded-"));
const store = { timeoutMs: 20_000 };

const nodes = ["node1", "node2", "node3"];
const replicas = await Promise.all(nodes.map((node) => startReplica({ cluster, node, folder, store })));
const [first, second, third] = replicas;

// The first call waits until the three have found a leader.
await first.store.put("greeting", "hello");
console.log((await second.store.get("greeting")).value);

// A majority is left: what was written is still there, and more can be.
await third.close();
await first.store.put("greeting", "still here");
console.log((await second.store.get("greeting")).value);

await Promise.all(replicas.map((replica) => replica.close()));
await rm(folder, { recursive: true });
