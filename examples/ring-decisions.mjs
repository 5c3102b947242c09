/**
 * A client of a ring that hears each decision: what each learner tells, as long as it runs. The nodes run elsewhere
 * (`synod ring node`, or `examples/ring.mjs` in another program).
 *
 *     node examples/ring-decisions.mjs [hosts file] [the client's UID] [value]
 */
import { readFileSync } from "node:fs";
import { ClientNode, NotSet, parseHosts } from "@synod/ring";

const [file = "hosts.txt", uid = "3", value = "300"] = process.argv.slice(2);
const hosts = parseHosts(readFileSync(file, "utf8"), file);
const client = await ClientNode.start({ hosts, uid: Number(uid) });

const all = new Promise((resolve) => {
  client.onDecision(({ value, learner }) => {
    console.log(`learner ${learner}: ${value}`);
    if (client.decisions.length === hosts.plan.learners) resolve();
  });
});

try {
  console.log(`the value is ${await client.set(value, { proposer: 1, timeoutMs: 20_000 })}`);
  await all;
} catch (error) {
  if (!(error instanceof NotSet)) throw error;
  // What was missing; after `unknown` the value may be chosen all the same.
  console.log(error.why, error.missing);
} finally {
  await client.close();
}
