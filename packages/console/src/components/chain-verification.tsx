import { chainVerdict, stopVerifying, verifyChain } from "../state/chain-verification.js";
import { shortHash } from "../words/chain-heads.js";
import { counted } from "../words/cost.js";
import { Chip } from "./chip.js";

/** Begins a check of the whole chain in this page, or ends it. */
export function VerifyButton() {
  const isChecking = chainVerdict.value?.kind === "checking";
  return (
    <button
      type="button"
      class="aside"
      title="Fetch every block, and check it here: hash, link, work, request"
      onClick={() => (isChecking ? stopVerifying() : void verifyChain())}
    >
      {isChecking ? "Stop" : "Verify here"}
    </button>
  );
}

/** What the last check in this page found. */
export function ChainVerification() {
  return (
    <div role="status" aria-label="Verification" class="verification">
      <Verdict />
    </div>
  );
}

function Verdict() {
  const verdict = chainVerdict.value;
  switch (verdict?.kind) {
    case undefined:
      return null;
    case "checking":
      return (
        <p>
          <Chip kind="busy" word={`checking block ${verdict.checked} of ${verdict.height}`} />
        </p>
      );
    case "stopped":
      return (
        <p>
          <Chip kind="paused" word="not checked" /> {verdict.why}.
        </p>
      );
    case "checked":
      return <Checked verdict={verdict} />;
  }
}

function Checked({ verdict }: { readonly verdict: Extract<typeof chainVerdict.value, { kind: "checked" }> }) {
  const { server, height, hash, keys, problems, problemCount } = verdict;
  if (problemCount === 0) {
    return (
      <p>
        <Chip kind="up" word="all right" /> This page checked {counted(height, "block")} of {server}: every hash, link,
        nonce and request. They spell {counted(keys, "key")}; the last hash is <code>{shortHash(hash)}</code>.
      </p>
    );
  }
  return (
    <>
      <p>
        <Chip kind="down" word="broken" /> This page found {counted(problemCount, "problem")} in{" "}
        {counted(height, "block")} of {server}:
      </p>
      <ul class="chain-problems">
        {problems.map(({ height: at, what }) => (
          <li key={`${at} ${what}`}>
            block {at}: {what}
          </li>
        ))}
      </ul>
    </>
  );
}
