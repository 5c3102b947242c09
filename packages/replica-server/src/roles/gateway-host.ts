import { randomUUID } from "node:crypto";
import type { NotServed } from "@synod/acceptor-server";
import type { NodeId } from "@synod/consensus";
import { Gateway, type GatewayReply, type GatewayRequest } from "@synod/state-machines";
import { NodeHost } from "../host/node-host.js";
import type { Hear, Peers } from "../host/peers.js";
import { valueTakers } from "./log-servers.js";
import type { RoleContext } from "./role-context.js";

/** A gateway to the cluster and the host that runs it. */
export interface HostedGateway {
  readonly gateway: Gateway;
  readonly host: NodeHost<never, GatewayRequest, GatewayReply>;
}

/** @param learners the servers that it reads from */
export function gatewayHost(
  { topology, application, faults, logger, tuning }: RoleContext,
  learners: readonly NodeId[],
  connect: (hear: Hear) => Peers,
): HostedGateway {
  const gateway = new Gateway({
    proposers: valueTakers(topology).map(({ name }) => name),
    learners,
    newClientId: randomUUID,
    touches: application.touches,
    ...tuning.client,
  });
  const host = new NodeHost({
    participant: gateway,
    connect,
    store: null,
    faults,
    onFailure: (failure: NotServed) => logger?.fatal({ err: failure }, failure.message),
    ...(tuning.host ? { limits: tuning.host } : {}),
  });
  return { gateway, host };
}
