/** Words of the fault language, which could not speak of a node of such a name (docs/faults.md). */
const TAKEN = new Set(["at", "for", "by", "losing", "keeping"]);

const LONGEST_NAME = 64;

/** What a name is made of; it names a folder, too, and stands in headers and in faults. */
export const NAME_RULE = `1 to ${LONGEST_NAME} letters, digits and _, within them also -`;

/** Whether a cluster can be called so. */
export function isClusterName(name: string): boolean {
  return name.length <= LONGEST_NAME && /^\w(?:[\w-]*\w)?$/.test(name);
}

/** Whether a node can be called so. */
export function isNodeName(name: string): boolean {
  return isClusterName(name) && !TAKEN.has(name.toLowerCase());
}
