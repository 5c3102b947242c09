import type { Problem as ProblemBody } from "@synod/api";
import { Chip } from "./chip.js";

/** An error as the server tells it. */
export function Problem({ problem, isWrite }: { readonly problem: ProblemBody; readonly isWrite: boolean }) {
  const { code, status, title, detail, definite } = problem;
  return (
    <div class="problem">
      <p>
        <Chip kind={definite ? "faulty" : "down"} word={definite ? "refused" : "outcome unknown"} />{" "}
        <strong>{title}.</strong>
      </p>
      <p>{detail}</p>
      <p class="cost">
        <code>{code}</code> · HTTP {status} ·{" "}
        {definite ? `it certainly had no effect` : isWrite ? "it may have happened, and may still" : "nothing is known"}
      </p>
    </div>
  );
}
