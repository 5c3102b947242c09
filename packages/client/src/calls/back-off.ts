const FIRST_MS = 20;
const MOST_MS = 1000;

/**
 * How long to wait after so many failures in a row, in milliseconds: longer each time, up to a second, and a random part
 * of that, so that many clients which failed together do not come again together. A server that was not asked yet is asked
 * at once.
 *
 * @param failures in a row
 * @param servers that there are to ask
 */
export function backOffMs(failures: number, servers: number): number {
  const rounds = failures - servers;
  if (rounds < 0) return 0;
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(rounds, 10)) * (0.5 + Math.random() / 2);
}
