/**
 * The signals of a fault in the program itself, which end a process as they always do. Whoever handles one of them in
 * JavaScript goes back to the instruction that failed, again and again.
 */
export const CRASH_SIGNALS = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGTRAP"] as const;
