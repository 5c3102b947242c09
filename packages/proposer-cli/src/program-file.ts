import { fileURLToPath } from "node:url";

/**
 * The file of a program on the PATH, for Node to run in a process of its own. Sources that stand directly in their folder,
 * compiled files and the bundle are equally deep in the package, so that the same words lead there from each.
 */
export function programFile(name: "synod" | "acceptor-server"): string {
  return fileURLToPath(new URL(`../bin/${name}.js`, import.meta.url));
}
