import { CHAT } from "../chat/chat-protocol.js";
import { LEDGER } from "../ledger/ledger-protocol.js";
import { MULTIPAXOS } from "../multipaxos/multipaxos-protocol.js";
import { PAXOS } from "../paxos/paxos-protocol.js";
import { RAFT } from "../raft/raft-protocol.js";
import { RING } from "../ring/ring-protocol.js";
import type { Protocol } from "./protocol.js";

/** Every protocol that can be simulated by name. A new one is added here, and needs no other change. */
export const PROTOCOLS: readonly Protocol[] = [PAXOS, MULTIPAXOS, RAFT, LEDGER, CHAT, RING];
