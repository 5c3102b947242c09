import type { Mutation } from "../campaign/protocol.js";
import type { RaftClusterParts } from "./parts.js";

export const RAFT_MUTATIONS: readonly Mutation<RaftClusterParts>[] = [];
