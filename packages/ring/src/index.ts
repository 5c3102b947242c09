export { ClientNode, type Decision, NotSet, type SetOptions } from "./client-node.js";
export { ConsensusNode, type ConsensusNodeOptions } from "./consensus-node.js";
export { type ElectLeaderOptions, electLeader, NoLeader } from "./elect-leader.js";
export { HostsFileError, hostOf, parseHosts, type RingHost, type RingHosts } from "./hosts-file.js";
export type { MemberOptions } from "./member.js";
