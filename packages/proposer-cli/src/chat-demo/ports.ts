import { type Address, defaultChatAddress } from "@synod/api";
import type { MachineId } from "./meeting.js";

/** Whose place in the ports of a chat the two programs have: no node has this number. */
const NO_NODE = 0;

/**
 * Where the program of a machine is met, over TCP, and found, over UDP: 50050 and 50060, below the ports of its nodes. They
 * differ, so that both programs can run on one machine; and as nobody else can listen there, there is one program of each
 * machine to an address.
 */
export function meetingPort(machine: MachineId, portOffset: number): number {
  return defaultChatAddress(machine === 1 ? "gateway" : "raft", NO_NODE).port + portOffset;
}

/** Where the program of this machine is met. */
export function meetingAddress(host: string, machine: MachineId, portOffset: number): Address {
  return { host, port: meetingPort(machine, portOffset) };
}
