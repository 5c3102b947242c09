/** Answers batches at once, as a gateway would that has nothing to wait for. */
import { createServer } from "node:http";

const HELD = { value: "x".repeat(100), revision: 4 };
let slot = 5;

function resultOf({ type, key }) {
  slot++;
  if (type === "get") return { type, key, ...HELD, slot, token: slot, learner: "learner1" };
  return { type, key, revision: slot, slot, token: slot };
}

async function answer(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  if (request.url === "/kv/sessions") return { client: "x", openedAt: 1, firstSequence: 2, slot: 1, token: 1 };
  const { operations } = JSON.parse(Buffer.concat(pieces).toString());
  return { results: operations.map(resultOf), untried: 0, cost: { messages: 1, sharedBy: 1, ms: 1 } };
}

const server = createServer(async (request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(await answer(request)));
});
server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));
process.on("disconnect", () => process.exit());
