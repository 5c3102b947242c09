/**
 * Puts and gets in a ledger, and sees which blocks came of it. It needs one: `synod cluster start ledger`.
 *
 *     node examples/ledger.mjs [server ...]
 */
import { connectLedger, StoreError } from "@synod/client";

const named = process.argv.slice(2);
const servers = named.length > 0 ? named : [8101, 8102, 8103].map((port) => `http://127.0.0.1:${port}`);
const ledger = connectLedger({ servers, name: "example" });

// Keys and values are any JSON; keys that are equal as JSON are one key.
const put = await ledger.put({ account: "alice" }, { coins: 12 });
const got = await ledger.get({ account: "alice" });
console.log(put.answer, got.answer, got.value.coins, (await ledger.get("nobody")).answer);

// A get is a block, too: later than the put, and by the same client.
console.log(got.height > put.height, got.requestId.startsWith("example-"), got.hash.length);

try {
  await ledger.put("too long", "x".repeat(70_000));
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  console.log(error.code, error.definite);
}

await ledger.close();
