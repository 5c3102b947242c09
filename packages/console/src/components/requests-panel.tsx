import { forgetRequests, MOST_REQUESTS, type RequestRecord, requests } from "../state/requests.js";
import { timeOfDay } from "../words/clock.js";
import { curlLine } from "../words/command-line.js";
import { counted, millisecondsInWords } from "../words/cost.js";
import { type Operation, operationInWords } from "../words/operation.js";
import { Mark } from "./mark.js";
import { Panel } from "./panel.js";
import { ScrollBox } from "./scroll-box.js";

/** Every request that this page sent for a person, and what it cost. */
export function RequestsPanel() {
  return (
    <Panel
      id="requests"
      title="Requests"
      about={`What this page asked, the latest first (${MOST_REQUESTS} at most). Open one to see it as curl, and its answer.`}
      aside={
        <button type="button" class="aside small" disabled={requests.value.length === 0} onClick={forgetRequests}>
          Clear
        </button>
      }
    >
      {requests.value.length === 0 ? <p class="quiet">Nothing was asked yet.</p> : null}
      <ScrollBox label="The requests">
        <ol class="requests">
          {requests.value.map((record) => (
            <Row key={record.number} record={record} />
          ))}
        </ol>
      </ScrollBox>
    </Panel>
  );
}

function Row({ record }: { readonly record: RequestRecord }) {
  const { at, request, outcome, ms, cost, slot } = record;
  const isGood = outcome.kind === "answered";
  return (
    <li>
      <details>
        <summary>
          <time class="number quiet">{timeOfDay(at).slice(0, 8)}</time>
          <span class="asked">
            <b>{request.method}</b> {shortPath(request)}
          </span>
          <span class={isGood ? "came" : "came came-bad"}>
            <Mark kind={isGood ? "up" : "down"} />
            {cameOf(outcome)}
          </span>
          <span class="spent number">
            {slot === null ? null : <span>slot {slot}</span>}
            {cost === null ? null : <span>{counted(cost.messages, "message")}</span>}
            {cost !== null && cost.sharedBy > 1 ? <span>shared by {cost.sharedBy}</span> : null}
            <span>{millisecondsInWords(cost?.ms ?? ms)}</span>
          </span>
        </summary>
        <Details record={record} />
      </details>
    </li>
  );
}

/** Characters of an answer that are shown. */
const MOST_CHARACTERS = 4000;

function Details({ record: { request, outcome } }: { readonly record: RequestRecord }) {
  const answer = outcome.kind === "silent" ? outcome.why : outcome.kind === "answered" ? outcome.body : outcome.problem;
  const text = typeof answer === "string" ? answer : JSON.stringify(answer, null, 2);
  return (
    <div class="details">
      <pre>{curlLine(window.location.origin, request)}</pre>
      <pre>{text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)} …` : text}</pre>
    </div>
  );
}

/** What the request is about: its path, and the key where that is in the body. */
function shortPath({ path, body }: RequestRecord["request"]): string {
  const { key, faults, prefix, type, operation, to, user } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (operation !== undefined) {
    const { verb, key: ofBlock } = operationInWords(operation as Operation);
    return `${path} ${verb} ${ofBlock}`;
  }
  const about = key ?? faults ?? prefix ?? to ?? user ?? (type === "all" ? "all keys" : undefined);
  return about === undefined ? path : `${path} ${String(about)}`;
}

function cameOf(outcome: RequestRecord["outcome"]): string {
  if (outcome.kind === "answered") return String(outcome.status);
  return outcome.kind === "refused" ? `${outcome.status} ${outcome.problem.code}` : "no answer";
}
