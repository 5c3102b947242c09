import type { CheckReport, Explained, History, Operation } from "@synod/simulator";
import type { Simulator } from "./simulation/experiment.js";

/** A verdict as one document for programs. Lines are counted from 1; operations are named by their lines. */
export function historyDocument(simulator: Simulator, history: History, report: CheckReport): object {
  const { model, operationCount, clientCount } = history;
  const { verdict, keys, violation } = report;
  return {
    verdict,
    model: model.name,
    operations: operationCount,
    processes: clientCount,
    steps: keys.reduce((sum, { steps }) => sum + steps, 0),
    keys: keys.map(({ history: { key, operations }, ...rest }) => ({
      key,
      operations: operations.length,
      verdict: rest.verdict,
      limit: rest.limit,
      steps: rest.steps,
      brokenOnLine: rest.breach?.culprit.returnLine ?? null,
    })),
    violation: violation && violationDocument(simulator, history, violation),
  };
}

function violationDocument({ accountOf, concurrentWith }: Simulator, { model }: History, violation: Explained) {
  const { history, breach, possible } = violation;
  const { culprit, isFirst, fineUntil, fineCount, order } = breach;
  const { claim, instead, reasons } = accountOf(violation, model);
  return {
    key: history.key,
    culprit: operationDocument(culprit),
    isFirst,
    fine: {
      untilLine: fineUntil,
      operations: fineCount,
      order: order?.map(operationDocument) ?? null,
    },
    claim,
    instead,
    reasons,
    possibleValues: possible.states.map((state) => (model.name === "register" ? JSON.parse(state) : state)),
    possibleValuesAreAll: possible.isComplete,
    concurrent: concurrentWith(history.operations, culprit).map(operationDocument),
  };
}

function operationDocument({ client, action, result, callLine, returnLine }: Operation) {
  return { process: client, action, result: result === "" ? null : result, callLine, returnLine };
}
