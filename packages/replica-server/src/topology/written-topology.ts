import { formatAddress, ROLES, type Topology } from "@synod/api";

/** A topology as a file says it: addresses by role by node. */
export interface WrittenTopology {
  readonly name: string;
  readonly application: Topology["application"];
  /** Of a ledger alone. */
  readonly difficulty?: number;
  readonly engine: Topology["engine"];
  /** Under Raft alone. */
  readonly voters?: number;
  readonly chaos: boolean;
  readonly nodes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The topology in the form of its file. Two topologies are the same exactly if these are, as JSON. */
export function written({ name, application, difficulty, engine, voters, chaos, nodes }: Topology): WrittenTopology {
  const rolesOf = ({ roles }: Topology["nodes"][number]) =>
    ROLES.flatMap((role) => roles.filter((one) => one.role === role)).map(
      ({ role, address }) => [role, formatAddress(address)] as const,
    );
  const inFile = nodes.map((node) => [node.name, Object.fromEntries(rolesOf(node))] as const);
  const ofLedger = difficulty === undefined ? {} : { difficulty };
  const ofRaft = voters === undefined ? {} : { voters };
  return { name, application, ...ofLedger, engine, ...ofRaft, chaos, nodes: Object.fromEntries(inFile) };
}
