import { cluster, contact, otherGateways } from "../state/cluster.js";
import { timeOfDay } from "../words/clock.js";
import { noticesOf } from "../words/notices.js";

/** What stands in the way, if anything does: the server is gone, or the cluster needs somebody. */
export function ContactBanner() {
  return (
    <div role="status">
      <Lost />
      <Notices />
    </div>
  );
}

function Lost() {
  const now = contact.value;
  if (now.kind !== "lost") return null;
  const others = otherGateways.value;
  return (
    <div class="notice notice-bad">
      <p>
        <strong>This page's server {now.isRefused ? "refuses to answer" : "does not answer"}</strong> since{" "}
        {timeOfDay(now.since).slice(0, 8)} ({now.why}). The page keeps trying; what it shows is old.
      </p>
      {others.length === 0 ? (
        <p>
          No other gateway was up. Where the cluster was started: <code>synod cluster start</code>
        </p>
      ) : (
        <p>
          Go on at another gateway:{" "}
          {others.map(({ node, url }) => (
            <a key={url} href={url}>
              {node}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

function Notices() {
  const view = cluster.value;
  if (contact.value.kind === "lost" || view === null) return null;
  const sentences = noticesOf(view);
  if (sentences.length === 0) return null;
  return (
    <div class="notice notice-warning">
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
