import { cluster, contact, decidedSlot } from "../state/cluster.js";
import { Chip } from "./chip.js";
import { ThemeSwitch } from "./theme-switch.js";

/** Which cluster this is, and how it is, in one line. */
export function Masthead() {
  const seen = cluster.value;
  return (
    <header class="masthead">
      <div class="brand">
        <Logo />
        <h1>Synod{seen ? <span class="cluster-name"> {seen.cluster}</span> : null}</h1>
      </div>
      <ul class="summary" aria-label="The cluster at a glance">
        <Summary />
      </ul>
      <ThemeSwitch />
    </header>
  );
}

function Summary() {
  const seen = cluster.value;
  if (contact.value.kind === "lost") {
    return (
      <li>
        <Chip kind="down" word="no contact" />
      </li>
    );
  }
  if (seen === null) {
    return (
      <li>
        <Chip kind="busy" word="looking" />
      </li>
    );
  }
  const { leader, quorum, deciders, acceptorsUp, acceptorCount } = seen;
  return (
    <>
      <li>
        <Chip kind={leader === null ? "down" : "up"} word={leader === null ? "nobody leads" : `${leader} leads`} />
      </li>
      <li>
        <Chip kind={quorum ? "up" : "down"} word={quorum ? "quorum" : "no quorum"} />
        <span class="count">
          {acceptorsUp} of {acceptorCount}
          <span class="where-wide"> {deciders}</span>
        </span>
      </li>
      <li>
        decided <b class="number">slot {decidedSlot.value}</b>
      </li>
    </>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M16 8 7.5 23M16 8l8.5 15M7.5 23h17" />
      <circle class="logo-leader" cx="16" cy="8" r="4.2" />
      <circle cx="7.5" cy="23" r="4.2" />
      <circle cx="24.5" cy="23" r="4.2" />
    </svg>
  );
}
