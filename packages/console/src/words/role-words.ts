import type {
  AcceptorStatusReply,
  GatewayStatusReply,
  LearnerStatusReply,
  ProposerStatusReply,
  Role,
} from "@synod/api";

/** One thing that a server says of itself. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What a gateway passes on of a server's own words; of one that does not answer, nothing but who it is. */
export type Report = {
  readonly name: string;
  readonly role: Role;
  readonly up: boolean;
} & Partial<Omit<ProposerStatusReply, "name" | "role" | "node">> &
  Partial<Omit<LearnerStatusReply, "name" | "role" | "node">> &
  Partial<Omit<AcceptorStatusReply, "name" | "role">> &
  Partial<Omit<GatewayStatusReply["raft_servers"][number], "name" | "up" | "state" | "node" | "address">>;

/** What a server says of itself, the most important first. */
export function roleInWords(report: Report): Fact[] {
  switch (report.role) {
    case "acceptor":
      return [
        { label: "promised", value: idInWords(report.promisedId) },
        { label: "decided", value: slotInWords(report.decided) },
        { label: "kept", value: `${report.entries ?? 0} slots` },
        ...ifAny("truncated to", report.truncatedThrough),
      ];
    case "proposer":
      return [
        { label: "state", value: stateInWords(report) },
        { label: "proposal id", value: report.proposal_id == null ? "none yet" : String(report.proposal_id) },
        { label: "decided", value: slotInWords(report.decided_through) },
        ...ifAny("under way", report.active_proposals),
        ...(report.obstacle ? [{ label: "obstacle", value: report.obstacle }] : []),
      ];
    case "learner":
      return [
        { label: "applied", value: slotInWords(report.last_applied) },
        ...(report.height === undefined ? [] : [{ label: "blocks", value: String(report.height) }]),
        ...(report.keys === undefined ? [] : [{ label: "keys", value: String(report.keys) }]),
        ...ofChat(report),
        { label: "snapshot", value: report.snapshot_through ? `slot ${report.snapshot_through}` : "none yet" },
        ...(report.catching_up ? [{ label: "now", value: "catching up" }] : []),
      ];
    case "raft":
      return [
        { label: "state", value: stateInWords(report) },
        { label: "term", value: String(report.term ?? 0) },
        { label: "committed", value: slotInWords(report.commit_index) },
        { label: "applied", value: slotInWords(report.applied_index) },
        ...ofChat(report),
        ...(report.is_voter === false ? [{ label: "vote", value: "none: it is no member that votes" }] : []),
      ];
    case "gateway":
      return [];
  }
}

function ofChat({ accounts, messages }: Report): Fact[] {
  if (accounts === undefined || messages === undefined) return [];
  return [
    { label: "accounts", value: String(accounts) },
    { label: "messages", value: String(messages) },
  ];
}

function stateInWords({ state, quorum, leader_id, phase }: Report): string {
  if (state === "LEADER") return quorum === false ? "leads, but hears no majority" : "leads";
  if (state === "CANDIDATE") return phase ? `stands (${phase})` : "stands for election";
  return leader_id ? `follows ${leader_id}` : "hears no leader";
}

function idInWords(id: number | undefined): string {
  return id === undefined || id < 0 ? "nothing yet" : `id ${id}`;
}

function slotInWords(slot: number | null | undefined): string {
  return slot ? `slot ${slot}` : "nothing yet";
}

function ifAny(label: string, count: number | undefined): Fact[] {
  return count ? [{ label, value: String(count) }] : [];
}
