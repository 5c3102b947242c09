import { busyNodes } from "../state/deeds.js";
import type { ClusterView, NodeView } from "../words/cluster-view.js";
import { Chip } from "./chip.js";
import { NodeActions } from "./node-actions.js";
import { NodeFaults } from "./node-faults.js";
import { RoleRow } from "./role-row.js";

/** One node: how it is, what its roles say, and what can be done to it. */
export function NodeCard({ node, view }: { readonly node: NodeView; readonly view: ClusterView }) {
  const { name, health, roles, isSelf, faults } = node;
  const leads = roles.some((role) => role.leads);
  const isBusy = busyNodes.value.has(name);
  return (
    <li class={`node node-${health.kind}${leads ? " node-leads" : ""}`} aria-busy={isBusy}>
      <header>
        <h3>{name}</h3>
        {leads ? <span class="leader-badge">leader</span> : null}
        {isSelf ? <span class="quiet self">serves this page</span> : null}
        <Chip kind={health.kind} word={health.word} title={health.meaning} />
      </header>
      <ul class="roles">
        {roles.map((role) => (
          <RoleRow key={role.name} role={role} isAlone={roles.length === 1} isDown={health.kind === "down"} />
        ))}
      </ul>
      {faults.length > 0 ? <NodeFaults node={name} faults={faults} /> : null}
      {view.chaos ? <NodeActions node={node} view={view} isBusy={isBusy} /> : null}
    </li>
  );
}
