import { UsageError } from "../terminal/exit-code.js";
import { completingTo, Prompt } from "../terminal/prompt.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Asked, noPeer } from "./demo-settings.js";
import { type Finder, networksHere } from "./find-machine.js";
import { addressNamed } from "./machine-address.js";
import { otherMachine } from "./meeting-words.js";

/**
 * The other machine's address: as it was given; else where it is found on the local network; else as somebody types it.
 *
 * @param finder null where nobody can be found: there is no secret that would tell friend from foe, or no port to ask at
 * @throws {UsageError} if there is none
 */
export async function otherAddress(
  given: string | undefined,
  { machine }: Asked,
  finder: Finder | null,
  { withinMs, interrupted }: { readonly withinMs: number; readonly interrupted: AbortSignal },
  terminal: Terminal,
): Promise<string> {
  if (given !== undefined) return addressNamed(given);
  const other = `machine ${otherMachine(machine)}`;
  if (finder !== null) {
    terminal.note(`looking for ${other} on the local network, for ${withinMs} ms at most`);
    const [found, ...more] = await finder.search(networksHere, withinMs, interrupted);
    if (found !== undefined && more.length === 0) {
      terminal.note(`found ${other} at ${found}`);
      return found;
    }
    if (found !== undefined) {
      throw new UsageError(
        `several programs say that they are ${other}: say which, --peer-ip ${[found, ...more].join(" or ")}`,
      );
    }
  }
  const typed = await askFor(`Address of ${other}: `, terminal);
  if (typed === "") throw noPeer(machine, finder !== null);
  return addressNamed(typed);
}

/** What somebody types at a terminal; nothing if there is none. */
async function askFor(question: string, terminal: Terminal): Promise<string> {
  const prompt = new Prompt(terminal, { name: question, complete: completingTo([]) });
  let typed = "";
  if (prompt.isInteractive) {
    await prompt.read((line) => {
      typed = line.trim();
      prompt.close();
    });
  }
  prompt.close();
  terminal.interrupted.throwIfAborted();
  return typed;
}
