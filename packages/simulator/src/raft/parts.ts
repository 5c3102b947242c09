import {
  type LogApplication,
  type LogMessage,
  type Participant,
  RaftNode,
  type RaftOptions,
  type RaftWrite,
} from "@synod/consensus";
import {
  Gateway,
  type GatewayOptions,
  KeyValueStore,
  ReplicatedState,
  type SessionLimits,
} from "@synod/state-machines";
import type { GatewayPart } from "../multipaxos/parts.js";

export type RaftPart = Participant<LogMessage, RaftWrite, string>;

/**
 * What a cluster is made of: each role as it starts with what its disk holds. A mutation puts something flawed, made of
 * the real role, in the place of one of them.
 */
export interface RaftClusterParts {
  server(disk: readonly RaftWrite[], options: RaftOptions): RaftPart;
  /** The state that a server applies its log to. */
  application(limits: Partial<SessionLimits>): LogApplication;
  gateway(options: GatewayOptions): GatewayPart;
}

/** The roles as servers run them. */
export const REAL_RAFT: RaftClusterParts = {
  server: (disk, options) => new RaftNode(options, disk),
  application: (limits) => new ReplicatedState(new KeyValueStore(), { limits }),
  gateway: (options) => new Gateway(options),
};
