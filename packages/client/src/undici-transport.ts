import { formatAddress } from "@synod/api";
import { Pool } from "undici";
import { LONGEST_ANSWER, MOST_CONNECTIONS, type TransportFactory } from "./transport.js";

/** The transport for programs that send many requests: undici does more of them in a second than Node's own client. */
export const undiciTransport: TransportFactory = (address) => {
  const pool = new Pool(`http://${formatAddress(address)}`, {
    connections: MOST_CONNECTIONS,
    maxResponseSize: LONGEST_ANSWER,
  });
  return {
    async exchange({ method, path, headers, body, signal }) {
      const answer = await pool.request({ method, path, headers, body, signal });
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    },
    close: () => pool.destroy(),
  };
};
