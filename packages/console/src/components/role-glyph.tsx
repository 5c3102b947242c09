import type { Role } from "@synod/api";

/**
 * A shape for each role: acceptors are square, for they stay; a proposer points the way; a learner listens
 * around; a server of Raft is all of these, as a shield.
 */
const SHAPES: Readonly<Record<Role, string>> = {
  acceptor: "M3 3h10v10H3z",
  proposer: "M8 2.5 14 13H2z",
  learner: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  raft: "M3 3h10v6.5L8 14 3 9.5z",
  gateway: "M8 2l6 6-6 6-6-6z",
};

export function RoleGlyph({ role, leads = false }: { readonly role: Role; readonly leads?: boolean }) {
  return (
    <svg class={`glyph glyph-${role}${leads ? " glyph-leads" : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[role]} />
    </svg>
  );
}
