import { type App, RequestRefused } from "@synod/acceptor-server";
import type { NodeDeedReply, NodesReply } from "@synod/api";
import {
  EmptyBody,
  EmptyQuery,
  FaultsBegunReplySchema,
  FaultsBody,
  FaultsQuery,
  HealedReplySchema,
  NodeDeedReplySchema,
  NodeParameters,
  NodesReplySchema,
  ProblemSchema,
} from "@synod/api/schemas";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RoleContext } from "../roles/role-context.js";
import type { ClusterNodes } from "./cluster-nodes.js";
import { type NodeDeed, type NodeOperator, OperationFailed } from "./node-operator.js";
import { refuseOtherOrigins, whyNotFromHere } from "./who-may.js";

/** A gateway that a fault pauses is how it is healed. */
const config = { answersWhilePaused: true };

/** All nodes of the cluster, and under `chaos` what a person does to them: fail, recover, cut, heal. */
export function addNodeRoutes(app: App, context: RoleContext, nodes: ClusterNodes): void {
  const { topology, server } = context;

  app.route({
    method: "GET",
    url: "/nodes",
    config,
    schema: {
      summary: "Every node of the cluster: whether its process answers, and the faults at work in it",
      querystring: EmptyQuery,
      response: { 200: NodesReplySchema, default: ProblemSchema },
    },
    handler: async (request): Promise<NodesReply> => {
      const reason = whyNoOperator(context, request);
      const operator = { available: reason === null, reason };
      const { name: cluster, chaos } = topology;
      return { cluster, self: server.node, chaos, operator, nodes: await nodes.look() };
    },
  });

  addFaultRelays(app, context, nodes);
  addOperatorRoutes(app, context, nodes);
}

function addFaultRelays(app: App, { topology }: RoleContext, nodes: ClusterNodes): void {
  const mayBreak = (request: FastifyRequest) => {
    refuseWithoutChaos(topology.chaos);
    refuseOtherOrigins(request);
  };

  app.route({
    method: "POST",
    url: "/nodes/:node/faults",
    config,
    schema: {
      summary: "Begin faults at a node, as POST /faults there does",
      params: NodeParameters,
      querystring: EmptyQuery,
      body: FaultsBody,
      response: { 200: FaultsBegunReplySchema, default: ProblemSchema },
    },
    handler: async (request, reply) => {
      mayBreak(request);
      return passOn(reply, await nodes.exchange(request.params.node, "POST", "/faults", request.body));
    },
  });

  app.route({
    method: "DELETE",
    url: "/nodes/:node/faults",
    config,
    schema: {
      summary: "End all faults of a node, or the one of this id, as DELETE /faults there does",
      params: NodeParameters,
      querystring: FaultsQuery,
      response: { 200: HealedReplySchema, default: ProblemSchema },
    },
    handler: async (request, reply) => {
      mayBreak(request);
      const { id } = request.query;
      const path = id === undefined ? "/faults" : `/faults?id=${id}`;
      return passOn(reply, await nodes.exchange(request.params.node, "DELETE", path, null));
    },
  });
}

function addOperatorRoutes(app: App, context: RoleContext, nodes: ClusterNodes): void {
  const schema = {
    params: NodeParameters,
    querystring: EmptyQuery,
    body: EmptyBody,
    response: { 200: NodeDeedReplySchema, default: ProblemSchema },
  };

  app.route({
    method: "POST",
    url: "/nodes/:node/fail",
    config,
    schema: { ...schema, summary: "Kill the process of a node, as synod cluster fail does" },
    handler: async (request, reply): Promise<NodeDeedReply> => {
      const operator = operatorFor(context, request);
      const { node } = request.params;
      nodes.check(node);
      if (node !== context.server.node) return { node, ...(await deed(request, operator.fail(node))) };
      // Nobody can answer afterwards; if it fails, the log says why.
      reply.raw.once("close", () => void deed(request, operator.fail(node)).catch(() => {}));
      return { node, done: "ending", pid: process.pid };
    },
  });

  app.route({
    method: "POST",
    url: "/nodes/:node/recover",
    config,
    schema: { ...schema, summary: "Start the process of a node that is down, as synod cluster recover does" },
    handler: async (request): Promise<NodeDeedReply> => {
      const operator = operatorFor(context, request);
      const { node } = request.params;
      nodes.check(node);
      return { node, ...(await deed(request, operator.recover(node))) };
    },
  });
}

function passOn(reply: FastifyReply, { status, headers, text }: Awaited<ReturnType<ClusterNodes["exchange"]>>) {
  const type = headers["content-type"];
  return reply
    .status(status)
    .type(typeof type === "string" ? type : "application/json")
    .serializer((body: string) => body)
    .send(text);
}

/** @throws {RequestRefused} `operation-failed`, which the log has, too */
async function deed({ log, params }: FastifyRequest, doing: Promise<NodeDeed>): Promise<NodeDeed> {
  try {
    return await doing;
  } catch (error) {
    log.warn({ err: error, ...(params as object) }, "a node could not be failed or recovered");
    if (error instanceof OperationFailed) throw new RequestRefused("operation-failed", error.message);
    throw error;
  }
}

/** @throws {RequestRefused} saying why nobody does it */
function operatorFor(context: RoleContext, request: FastifyRequest): NodeOperator {
  refuseWithoutChaos(context.topology.chaos);
  refuseOtherOrigins(request);
  const { operator } = context;
  if (!operator) throw new RequestRefused("no-operator", NO_OPERATOR);
  const reason = whyNotFromHere(request);
  if (reason === null) return operator;
  throw new RequestRefused("not-from-here", reason);
}

const NO_OPERATOR =
  "this node was not started by synod, so that nobody here ends or starts processes: do it where it runs";

const NO_CHAOS = "this cluster lets nobody break it on purpose: it was started without chaos";

function whyNoOperator({ topology, operator }: RoleContext, request: FastifyRequest): string | null {
  if (!topology.chaos) return NO_CHAOS;
  return operator ? whyNotFromHere(request) : NO_OPERATOR;
}

/** @throws {RequestRefused} `chaos-off` */
function refuseWithoutChaos(chaos: boolean): void {
  if (!chaos) throw new RequestRefused("chaos-off", NO_CHAOS);
}
