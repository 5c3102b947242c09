/** One acceptor for measuring, in a process of its own: `node bench/acceptor.mjs disk|memory FOLDER`. Prints its port. */
import { AcceptorHost, AcceptorStore, buildApp } from "@synod/acceptor-server";

const [kind, folder] = process.argv.slice(2);
const identity = { serverId: 1, serverCount: 1, poolId: "bench" };
const { store, state } =
  kind === "disk" ? await AcceptorStore.onDisk(folder, identity) : await AcceptorStore.inMemory(identity);
let flushes = 0;
let writes = 0;
const observer = {
  flushed: (count) => {
    flushes++;
    writes += count;
  },
  failed: (error) => process.stderr.write(`${error.message}\n`),
};
const host = new AcceptorHost(store, state, observer);
const app = await buildApp({ host, identity, peers: new Map() });
app.get("/bench", async () => ({ flushes, writes }));
await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${app.server.address().port}\n`);
