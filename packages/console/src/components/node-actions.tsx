import { useState } from "preact/hooks";
import { otherGateways } from "../state/cluster.js";
import { begin, cut, fail, heal, recover } from "../state/deeds.js";
import type { ClusterView, NodeView } from "../words/cluster-view.js";
import { isPauseOf } from "../words/faults.js";

interface NodeActionsProps {
  readonly node: NodeView;
  readonly view: ClusterView;
  readonly isBusy: boolean;
}

/** What a person can do to a node. */
export function NodeActions({ node, view, isBusy }: NodeActionsProps) {
  const [isAsking, setAsking] = useState(false);
  const { name, health, isSelf } = node;
  const mayEnd = view.noOperator === null;
  if (isAsking) return <LastWarning name={name} onEnd={() => setAsking(false)} />;
  if (health.kind === "down") {
    if (!mayEnd) return null;
    return (
      <div class="buttons">
        <button type="button" class="primary" disabled={isBusy} onClick={() => void recover(name)}>
          {isBusy ? "Starting …" : `Recover ${name}`}
        </button>
      </div>
    );
  }
  return (
    <div class="buttons">
      {mayEnd ? (
        <button
          type="button"
          class="danger"
          disabled={isBusy}
          title="kill -9, as a failing machine would"
          onClick={() => (isSelf ? setAsking(true) : void fail(name))}
        >
          Fail<span class="unseen"> {name}</span>
        </button>
      ) : null}
      <PauseButton node={node} isBusy={isBusy} />
      <CutForm node={node} view={view} isBusy={isBusy} />
    </div>
  );
}

/** The node that serves the page can be failed, too, but not brought back from here. */
function LastWarning({ name, onEnd }: { readonly name: string; readonly onEnd: () => void }) {
  const others = otherGateways.value;
  return (
    <fieldset class="warning">
      <legend class="unseen">Fail the node that serves this page</legend>
      <p>
        {name} serves this page: it goes dark.{" "}
        {others.length === 0 ? (
          <>
            No other gateway can bring it back, but <code>synod cluster recover {name}</code> can.
          </>
        ) : (
          <>Bring it back at {others.map(({ node }) => node).join(" or ")}.</>
        )}
      </p>
      <div class="buttons">
        <button
          type="button"
          class="danger"
          onClick={() => {
            onEnd();
            void fail(name);
          }}
        >
          Fail it all the same
        </button>
        <button type="button" onClick={onEnd}>
          Leave it
        </button>
      </div>
    </fieldset>
  );
}

function PauseButton({ node: { name, faults }, isBusy }: { readonly node: NodeView; readonly isBusy: boolean }) {
  const pauses = faults.filter((fault) => isPauseOf(name, fault));
  const isPaused = pauses.length > 0;
  return (
    <button
      type="button"
      disabled={isBusy}
      title="It lives, but neither sends nor answers"
      onClick={() => void (isPaused ? heal(name, pauses) : begin(name, `pause ${name}`))}
    >
      {isPaused ? "Resume" : "Pause"}
      <span class="unseen"> {name}</span>
    </button>
  );
}

/** Cuts what leads from a node to another one, or to all others. */
function CutForm({ node: { name }, view, isBusy }: NodeActionsProps) {
  const others = view.nodes.map((node) => node.name).filter((other) => other !== name);
  const [other, setOther] = useState("*");
  return (
    <form
      class="cut-form"
      onSubmit={(event) => {
        event.preventDefault();
        void cut(name, other);
      }}
    >
      <button type="submit" disabled={isBusy} title="Nothing gets through in either direction">
        Cut<span class="unseen"> {name} off</span> from
      </button>
      <select
        value={other}
        aria-label={`From whom ${name} is cut off`}
        onChange={({ currentTarget }) => setOther(currentTarget.value)}
      >
        <option value="*">all</option>
        {others.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </form>
  );
}
