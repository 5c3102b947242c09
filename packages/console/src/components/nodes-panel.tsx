import { cluster } from "../state/cluster.js";
import { healAll, lastDeed } from "../state/deeds.js";
import type { ClusterView } from "../words/cluster-view.js";
import { DeedLine } from "./deed-line.js";
import { NodeCard } from "./node-card.js";
import { Panel } from "./panel.js";

/** Every node as it is, and what a person can do to it. */
export function NodesPanel() {
  const seen = cluster.value;
  return (
    <Panel id="nodes" title="Nodes" aside={seen?.chaos ? <HealAll view={seen} /> : null}>
      {seen === null ? <p class="quiet">Looking at the cluster …</p> : <Nodes view={seen} />}
    </Panel>
  );
}

function Nodes({ view }: { readonly view: ClusterView }) {
  return (
    <>
      <WhatIsPossible view={view} />
      <ul class="nodes">
        {view.nodes.map((node) => (
          <NodeCard key={node.name} node={node} view={view} />
        ))}
      </ul>
    </>
  );
}

/** What was done last, or why nothing can be. */
function WhatIsPossible({ view: { chaos, noOperator } }: { readonly view: ClusterView }) {
  return (
    <div class="deeds">
      {chaos ? null : (
        <p class="quiet">
          Nothing can be broken from here: this cluster was started without <code>chaos</code>.
        </p>
      )}
      {chaos && noOperator !== null ? <p class="quiet">Fail and recover are not offered: {noOperator}.</p> : null}
      <DeedLine deed={lastDeed.value} />
    </div>
  );
}

function HealAll({ view }: { readonly view: ClusterView }) {
  const count = view.faults.length;
  return (
    <button type="button" class="aside" disabled={count === 0} onClick={() => void healAll()}>
      Heal all{count === 0 ? "" : ` (${count})`}
    </button>
  );
}
