import type { Name, Operation } from "./operation.js";

/** A key, as a sentence names it. */
export function keyName(key: Name | null): string {
  return key === null ? "the object" : `key ${printable(JSON.stringify(key))}`;
}

/** An operation, as a sentence names it: what, who, when. */
export function operationName({ client, action, callLine, returnLine }: Operation): string {
  const lines = returnLine === null ? `line ${callLine}, never heard of again` : `lines ${callLine}-${returnLine}`;
  return `${shortened(action)} by process ${shown(client)} (${lines})`;
}

/** What an operation did and what came of it, as a bar of a picture has it. */
export function operationLabel({ action, result }: Operation, most = 24): string {
  return shortened(result === "" ? action : `${action}: ${result}`, most);
}

/** A name that may hold anything, also what would play tricks on a terminal. */
export function shown(name: Name): string {
  return typeof name === "number" || /^[\w.:@-]+$/.test(name) ? String(name) : printable(JSON.stringify(name));
}

/** Text with everything escaped that is not plain ASCII: its columns can be counted, and a terminal obeys none of it. */
function printable(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** Long texts grow at their ends, so both ends are kept, and more of the later one. */
export function shortened(text: string, most = 72): string {
  const whole = printable(text);
  if (whole.length <= most) return whole;
  const head = Math.floor((most - 3) / 3);
  return `${whole.slice(0, head)}...${whole.slice(whole.length - (most - 3 - head))}`;
}

/** "a, b or c"; with `more`, "a, b, c or others". */
export function listed(items: readonly string[], more: boolean): string {
  const all = more ? [...items, "others"] : [...items];
  const last = all.pop() ?? "";
  return all.length === 0 ? last : `${all.join(", ")} or ${last}`;
}

/** "1 key", "2 keys". */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
