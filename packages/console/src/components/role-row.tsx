import type { RoleView } from "../words/cluster-view.js";
import { counted } from "../words/cost.js";
import { RoleGlyph } from "./role-glyph.js";

interface RoleRowProps {
  readonly role: RoleView;
  /** Whether the node is nothing else, and so has its name already. */
  readonly isAlone: boolean;
  /** Whether the whole node is, which says enough. */
  readonly isDown: boolean;
}

/** A role of a node, in its own words. */
export function RoleRow({ role, isAlone, isDown }: RoleRowProps) {
  const { name, address, up, leads, facts, progress } = role;
  return (
    <li class="role">
      <p class="role-name">
        <RoleGlyph role={role.role} leads={leads} />
        <b>{isAlone ? role.role : name}</b>
        <span class="address">{address}</span>
        {up === false && !isDown ? <span class="quiet">does not answer</span> : null}
      </p>
      {facts.length > 0 ? (
        <dl class="facts">
          {facts.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd class="number">{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {progress ? <Lag {...progress} /> : null}
    </li>
  );
}

/** How many slots are shown as a distance: beyond that the bar is empty. */
const FAR_BEHIND = 50;

/** How far a learner is behind what is decided. */
function Lag({ applied, decided }: { readonly applied: number; readonly decided: number }) {
  const behind = decided - applied;
  const share = Math.max(0, 1 - behind / FAR_BEHIND);
  return (
    <p class={behind > 0 ? "lag lag-behind" : "lag"}>
      <span class="lag-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      {behind === 0 ? "up to date" : `${counted(behind, "slot")} behind`}
    </p>
  );
}
