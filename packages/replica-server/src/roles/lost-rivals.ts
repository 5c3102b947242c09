import { connect } from "node:net";
import type { RoleServer } from "@synod/api";
import type { NodeId } from "@synod/consensus";
import { type RoleContext, serversOf } from "./role-context.js";

/** How long a look whether somebody listens may take, in milliseconds. */
const LOOK_MS = 500;
/** A process that dies may close its connections a little before it stops listening: so often one looks, so long apart. */
const LOOKS = 4;
const BETWEEN_LOOKS_MS = 25;

/**
 * Notices that the process of another server of the same role is gone, long before its silence would tell: its connection closed, and at its
 * place nobody listens any more. That proves nothing, and need not: it is only a reason to look for a leader early.
 *
 * @param onGone hears whose process is gone
 * @returns what is to be told of every connection that was lost
 */
export function lostRivals({ topology, server, faults }: RoleContext, onGone: (rival: NodeId) => void) {
  const rivals = serversOf(topology, server.role).filter(({ name }) => name !== server.name);
  const look = (rival: RoleServer, looks: number): void => {
    if (faults?.isIdle === false) return;
    const { host, port } = rival.address;
    const socket = connect({ host, port, timeout: LOOK_MS });
    socket.on("connect", () => {
      socket.destroy();
      if (looks > 1) setTimeout(() => look(rival, looks - 1), BETWEEN_LOOKS_MS).unref();
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", (error) => {
      if ("code" in error && error.code === "ECONNREFUSED") onGone(rival.name);
    });
    socket.unref();
  };
  return (from: NodeId): void => {
    const rival = rivals.find(({ name }) => name === from);
    if (rival !== undefined) look(rival, LOOKS);
  };
}
