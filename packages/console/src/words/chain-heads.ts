import type { GatewayStatusReply } from "@synod/api";
import { counted } from "./cost.js";
import type { Health } from "./health.js";

/** How long one server's chain is, and whether it is the others'. */
export interface ChainHead {
  readonly node: string;
  /** Null if it does not answer. */
  readonly height: number | null;
  readonly hash: string | null;
  readonly kind: Health["kind"] | "busy";
  readonly word: string;
}

/** What is known of one server's chain: it says how long it is, and its last hash. */
type Said = { readonly height?: number; readonly hash?: string | null };

/**
 * The chains of all servers side by side.
 *
 * @param hashAt the hash of the block of this height, in the chain that the page shows; undefined where it does not show it
 */
export function chainHeads(
  { learners }: Pick<GatewayStatusReply, "learners">,
  hashAt: (height: number) => string | undefined,
): ChainHead[] {
  const said = learners.map((learner) => ({ ...learner, ...(learner.up ? (learner as Said) : {}) }));
  const longest = Math.max(0, ...said.map(({ height }) => height ?? 0));
  const atTop = said.filter(({ height }) => height === longest).map(({ hash }) => hash ?? null);
  const known = (height: number) => (height === longest ? atTop[0] : hashAt(height));
  const answering = said.filter(({ height }) => height !== undefined).length;
  return said.map(({ node, up, height, hash = null }): ChainHead => {
    if (!up || height === undefined) return { node, height: null, hash: null, kind: "down", word: "no answer" };
    const other = known(height);
    const isOther = height > 0 && hash !== null && typeof other === "string" && other !== hash;
    if (isOther) return { node, height, hash, kind: "down", word: "another chain" };
    // Nothing is like itself alone.
    if (answering === 1 && said.length > 1) return { node, height, hash, kind: "paused", word: "alone" };
    if (height === longest) return { node, height, hash, kind: "up", word: "the same" };
    return { node, height, hash, kind: "busy", word: `${counted(longest - height, "block")} behind` };
  });
}

/** Of a hash, as much as tells it from others. */
export function shortHash(hash: string | null): string {
  return hash === null ? "none" : hash.slice(0, 12);
}
