import type { Role, RoleServer, Topology } from "@synod/api";
import { serversOf } from "./role-context.js";

/**
 * Which servers clients of the log turn to, whichever engine decides its values. Under Raft one server is both: it takes
 * values and reads as proposer and learner of Multi-Paxos do.
 */
const OF: Readonly<Record<Topology["engine"], { readonly takesValues: Role; readonly hasState: Role }>> = {
  paxos: { takesValues: "proposer", hasState: "learner" },
  raft: { takesValues: "raft", hasState: "raft" },
};

/** Those that take values for the log, and strong reads' questions how far it is: one of them leads. */
export function valueTakers(topology: Topology): RoleServer[] {
  return serversOf(topology, OF[topology.engine].takesValues);
}

/** Those that apply the log, and answer from what comes of it. */
export function stateServers(topology: Topology): RoleServer[] {
  return serversOf(topology, OF[topology.engine].hasState);
}

/** Everybody that a client speaks to, each once. */
export function clientsServers(topology: Topology): RoleServer[] {
  const takers = valueTakers(topology);
  return [...takers, ...stateServers(topology).filter(({ name }) => !takers.some((taker) => taker.name === name))];
}
