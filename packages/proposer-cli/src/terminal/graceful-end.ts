import { ExitCode } from "./exit-code.js";
import type { Terminal } from "./terminal.js";

/** How long a server that is asked to stop may take to finish what is under way, in milliseconds. */
const STOP_WITHIN_MS = 5000;

/**
 * The signals of a fault in the program itself, which end a process as they always do. Whoever handles one of them in
 * JavaScript goes back to the instruction that failed, again and again.
 */
const CRASH_SIGNALS = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP"] as const;

/** What ends a process that serves. */
export interface GracefulEnd {
  /** Lets the server finish what is under way, and ends the process: it does not return. */
  stop(): Promise<never>;
  /** Signals end the process at once again: nothing serves that would have to finish. */
  cancel(): void;
}

/**
 * Has signals end this process when its server has finished what is under way, and no later than in five seconds. To be
 * called before the server listens: whoever can reach it may also ask it to stop.
 *
 * @param finish closes the server, if there is one by then
 * @throws if the user has interrupted the process already
 */
export async function endGracefully(
  terminal: Terminal,
  logger: { info(what: object, message: string): void },
  finish: () => Promise<void>,
): Promise<GracefulEnd> {
  // Loaded here, so that no other command pays for it.
  const { default: closeWithGrace } = await import("close-with-grace");
  // So far signals only ended this; from here on they stop the server.
  terminal.interrupted.throwIfAborted();
  const settings = { delay: STOP_WITHIN_MS, logger: false as const, skip: [...CRASH_SIGNALS] };
  const end = closeWithGrace(settings, async ({ err, signal }) => {
    logger.info({ signal }, "stopping");
    if (err) terminal.note(err.stack ?? err.message);
    await finish();
    if (signal === "SIGINT") process.exit(ExitCode.interrupted);
    // The terminal is gone: Node would look for it once more at its end, and fail.
    if (signal === "SIGHUP") process.kill(process.pid, "SIGKILL");
  });
  return {
    stop: () => {
      end.close();
      return new Promise(() => {});
    },
    cancel: () => end.uninstall(),
  };
}
