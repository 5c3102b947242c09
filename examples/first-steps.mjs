/**
 * Writes, reads and watches. It needs a cluster: `synod cluster start kv-compact`.
 *
 *     node examples/first-steps.mjs [server ...]
 */
import { connectStore } from "@synod/client";

const named = process.argv.slice(2);
const servers = named.length > 0 ? named : ["http://127.0.0.1:8000"];
const store = connectStore({ servers });

// From now on, which is when `started` resolves, each change of these keys is told.
const watch = store.watch({ pattern: "drinks/*", timeoutMs: 5000 });
await watch.started;

const { revision } = await store.put("drinks/tea", "hot");
await store.put("drinks/tea", "cold", { expectedRevision: revision });
await store.delete("drinks/tea");

// Three changes were made: three are told, in their order.
for (let count = 0; count < 3; count++) {
  const { value: change } = await watch.next();
  console.log(change.type, change.key, change.value);
}
await watch.return();

// Calls that are made together travel together.
await Promise.all(["milk", "rum", "tea"].map((drink, place) => store.put(`drinks/${drink}`, String(place))));
for await (const { key, value } of store.list({ prefix: "drinks/" })) console.log(key, value);

// Linearizable; and as whichever server answers has it, which is quicker and may be old.
console.log((await store.get("drinks/rum"))?.value, await store.get("drinks/beer"));
console.log((await store.get("drinks/rum", { consistency: "session" }))?.value);

await store.close();
