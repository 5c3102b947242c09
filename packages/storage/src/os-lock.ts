import { createRequire } from "node:module";

/** The one function used of fs-native-extensions, which comes without types. */
interface NativeLocks {
  tryLock(fd: number): boolean;
}

let nativeLocks: NativeLocks | null = null;

/**
 * Takes the operating system's exclusive lock on an open file: false if another open file holds it. The lock belongs to
 * the open file, so the system drops it when the process ends, however it ends.
 *
 * The native module is loaded at the first call, so that whoever uses the memory journal alone never pays for it.
 *
 * @throws {Error} if there is no binary for this platform, or the file system has no locks.
 */
export function tryLockDescriptor(fd: number): boolean {
  nativeLocks ??= loadNativeLocks();
  return nativeLocks.tryLock(fd);
}

function loadNativeLocks(): NativeLocks {
  try {
    const require = createRequire(import.meta.url);
    return require("fs-native-extensions") as NativeLocks;
  } catch (cause) {
    throw new Error(
      `the native module fs-native-extensions, which locks the folder, does not load on this platform (${process.platform}-${process.arch})`,
      { cause },
    );
  }
}
