import { Readable } from "node:stream";
import { type Admission, type App, RequestRefused, takeTurns, wholeNumber } from "@synod/acceptor-server";
import type { BlockReply, BlocksReply, ChainReply, LedgerMapReply } from "@synod/api";
import {
  BlocksQuery,
  BlocksReplySchema,
  ChainReplySchema,
  EmptyQuery,
  LedgerMapQuery,
  LedgerMapReplySchema,
  MOST_BLOCKS,
  ProblemSchema,
} from "@synod/api/schemas";
import type { LedgerMapPage } from "@synod/state-machines";
import type { LedgerLearner } from "./ledger-learner.js";

/** Blocks in one answer, if nobody says how many. */
const USUAL_BLOCKS = 100;

const OWN_COPY = "as this server itself has it: the others may be ahead";

/** What a server tells of its own copy of the chain, at its gateway and at its learner: nobody else is asked. */
export function addChainRoutes(app: App, here: LedgerLearner, admission: Admission): void {
  app.register(async (scope) => {
    const byTurns = scope as App;
    takeTurns(byTurns, admission);
    addHead(byTurns, here);
    addBlocks(byTurns, here);
    addMap(byTurns, here);
  });
  addRecords(app, here);
}

function addHead(app: App, here: LedgerLearner): void {
  app.route({
    method: "GET",
    url: "/ledger/chain",
    schema: {
      summary: `How long the chain is, and its last hash, ${OWN_COPY}`,
      querystring: EmptyQuery,
      response: { 200: ChainReplySchema, default: ProblemSchema },
    },
    handler: async (): Promise<ChainReply> => {
      const { height, hash } = here.ledger.head;
      const { size: keys, difficulty } = here.ledger;
      const { recorded } = here.chain;
      return { server: here.server, height, hash, slot: here.progress.appliedThrough, keys, difficulty, recorded };
    },
  });
}

function addBlocks(app: App, here: LedgerLearner): void {
  app.route({
    method: "GET",
    url: "/ledger/blocks",
    schema: {
      summary: `Blocks of the chain, each checked by itself, ${OWN_COPY}`,
      querystring: BlocksQuery,
      response: { 200: BlocksReplySchema, default: ProblemSchema },
    },
    handler: async ({ query }): Promise<BlocksReply> => {
      const from = oneOrMore("from", query.from, 1);
      const limit = oneOrMore("limit", query.limit, USUAL_BLOCKS);
      if (limit > MOST_BLOCKS) throw new RequestRefused("bad-request", `querystring/limit is 1..${MOST_BLOCKS}`);
      const { height, hash } = here.ledger.head;
      const blocks = from > height ? [] : await here.chain.blocks(from, Math.min(limit, height - from + 1));
      const next = from + blocks.length;
      return { blocks: blocks as BlockReply[], next: next <= height ? next : null, height, hash };
    },
  });
}

function addMap(app: App, here: LedgerLearner): void {
  app.route({
    method: "GET",
    url: "/ledger/map",
    schema: {
      summary: `The keys and values that the chain spells, a page at a time, ${OWN_COPY}`,
      querystring: LedgerMapQuery,
      response: { 200: LedgerMapReplySchema, default: ProblemSchema },
    },
    handler: async ({ query: { after, limit } }): Promise<LedgerMapReply> => {
      const answer = here.ledger.read({
        type: "map",
        ...(after === undefined ? {} : { after }),
        ...(limit === undefined ? {} : { limit: wholeNumber("limit", limit, 0) }),
      });
      if (typeof answer === "object" && answer !== null && "error" in answer) {
        throw new RequestRefused("bad-request", `querystring: ${answer.error}`);
      }
      const { entries, next, height, hash } = answer as LedgerMapPage;
      return { entries: [...entries], next, height, hash };
    },
  });
}

/** Not by turns: a long chain that is read slowly would take up the place of one that is answered at once. */
function addRecords(app: App, here: LedgerLearner): void {
  app.route({
    method: "GET",
    url: "/ledger/records",
    exposeHeadRoute: false,
    schema: {
      summary: `The records of the chain's file, a line each and not checked, ${OWN_COPY}`,
      produces: ["application/x-ndjson"],
      querystring: BlocksQuery,
    },
    handler: async ({ query }, reply) => {
      const from = oneOrMore("from", query.from, 1);
      const limit = oneOrMore("limit", query.limit, Number.MAX_SAFE_INTEGER);
      const through = Math.min(here.ledger.head.height, from + limit - 1);
      const lines = linesOf(here.chain.records(from, through));
      // What is refused is refused before the answer has begun.
      const first = await lines.next();
      const all = async function* () {
        if (!first.done) yield first.value;
        yield* lines;
      };
      return reply.type("application/x-ndjson").send(Readable.from(first.done ? [] : all()));
    },
  });
}

const LINE_FEED = Buffer.from("\n");

async function* linesOf(records: AsyncGenerator<readonly Buffer[]>): AsyncGenerator<Buffer> {
  for await (const some of records) yield Buffer.concat(some.flatMap((record) => [record, LINE_FEED]));
}

/** @throws {RequestRefused} if it is not */
function oneOrMore(name: string, text: string | undefined, otherwise: number): number {
  const asked = wholeNumber(name, text, otherwise);
  if (asked >= 1) return asked;
  throw new RequestRefused("bad-request", `querystring/${name} is at least 1: the first block is 1`);
}
