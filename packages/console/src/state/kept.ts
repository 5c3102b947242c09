/** What the browser keeps for this page; nothing, where it is told to keep nothing. */
export function kept(storage: "session" | "local", name: string): string | null {
  try {
    return storageOf(storage).getItem(name);
  } catch {
    // A browser may forbid even to look; the page goes on without a memory.
    return null;
  }
}

export function keep(storage: "session" | "local", name: string, text: string): void {
  try {
    storageOf(storage).setItem(name, text);
  } catch {
    // The same: what is not kept is asked again.
  }
}

export function forget(storage: "session" | "local", name: string): void {
  try {
    storageOf(storage).removeItem(name);
  } catch {
    // The same: what could not be kept is not there.
  }
}

function storageOf(storage: "session" | "local"): Storage {
  return storage === "session" ? sessionStorage : localStorage;
}
