import { ExitCode } from "../terminal/exit-code.js";

/** For so long others are the same signal, in milliseconds: npm hands on what the terminal sends to its child as well. */
const SAME_SIGNAL_MS = 500;

/**
 * Has SIGTERM and SIGHUP end a measurement as Ctrl-C does, so that it clears away first. Told again, this process ends at
 * once: what is removed at its exit is removed, and nothing else.
 *
 * @returns has signals do again what they did before
 */
export function endsInOrderWhenTold(): () => void {
  let firstToldAt: number | null = null;
  const onInterrupt = () => {
    firstToldAt ??= performance.now();
    if (performance.now() - firstToldAt > SAME_SIGNAL_MS) process.exit(ExitCode.interrupted);
  };
  const interrupt = () => process.kill(process.pid, "SIGINT");
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", interrupt);
  process.on("SIGHUP", interrupt);
  return () => {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", interrupt);
    process.off("SIGHUP", interrupt);
  };
}
