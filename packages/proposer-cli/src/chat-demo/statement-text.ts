import { ENGINES } from "@synod/api";
import type { Statement } from "./meeting.js";

/** Another version of a demo may mean something else by the same words. */
const VERSION = 1;

/** A statement as it is sent. */
export function statementText(statement: Statement): string {
  return JSON.stringify({ version: VERSION, ...statement });
}

/** The statement that a text is; null if it is none. Whoever knows the secret may still have another version. */
export function statementIn(text: string): Statement | null {
  const said = fieldsIn(text);
  if (said === null || said["version"] !== VERSION) return null;
  const { machine, run, to, here, there, engine, portOffset, keeps, stage, cluster } = said;
  const isWhole =
    (machine === 1 || machine === 2) &&
    isName(run) &&
    (to === null || isName(to)) &&
    isAddress(here) &&
    isAddress(there) &&
    (ENGINES as readonly unknown[]).includes(engine) &&
    Number.isSafeInteger(portOffset) &&
    (keeps === null || isName(keeps)) &&
    (stage === "looking" ? cluster === null : (stage === "agreed" || stage === "met") && isName(cluster));
  if (!isWhole) return null;
  return { machine, run, to, here, there, engine, portOffset, keeps, stage, cluster } as Statement;
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : null;
  } catch {
    // Not JSON: no statement, which is what null says.
    return null;
  }
}

/** What names a run or a cluster: it stands in headers and in files. */
function isName(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{1,64}$/.test(value);
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^[0-9A-Fa-f:.]{2,45}$/.test(value);
}
