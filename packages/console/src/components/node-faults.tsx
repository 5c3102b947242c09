import { heal } from "../state/deeds.js";
import type { Fault } from "../words/faults.js";

/** What is wrong with a node on purpose, and how to end it. */
export function NodeFaults({ node, faults }: { readonly node: string; readonly faults: readonly Fault[] }) {
  return (
    <div class="faults">
      <ul aria-label={`Faults that concern ${node}`}>
        {faults.map((fault) => (
          <li key={fault.text}>
            <code>{fault.text}</code>
            {fault.endsInMs === null ? null : <span class="quiet">for {Math.ceil(fault.endsInMs / 1000)} s more</span>}
            <button type="button" class="small" onClick={() => void heal(node, [fault])}>
              Heal<span class="unseen"> {fault.text}</span>
            </button>
          </li>
        ))}
      </ul>
      {faults.length > 1 ? (
        <button type="button" class="small" onClick={() => void heal(node, faults)}>
          Heal {node}
        </button>
      ) : null}
    </div>
  );
}
