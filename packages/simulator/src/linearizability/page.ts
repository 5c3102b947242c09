import { escaped, htmlPage } from "../html-page.js";
import { accountOf } from "./account.js";
import type { CheckReport, Explained, KeyReport, Verdict } from "./check.js";
import type { History } from "./history-reader.js";
import type { Model } from "./models.js";
import { type Operation, statesAlong } from "./operation.js";
import { pagePicture } from "./page-picture.js";
import { PAGE_STYLE } from "./page-style.js";
import { counted, keyName, operationName, shortened } from "./wording.js";

/** Operations that are drawn on a page: more would make neither the page nor the reader faster. */
const MOST_DRAWN = 1000;

/** Of those, operations called after the culprit returned. */
const DRAWN_AFTER = 20;

const TITLES: Readonly<Record<Verdict, string>> = {
  linearizable: "Linearizable",
  violation: "Not linearizable",
  unknown: "Unknown",
};

/**
 * A check as a page of HTML that stands alone: the verdict, where the history breaks and why, the intervals of the
 * operations with an order of them, and every key.
 *
 * @param source what the history is called, for the heading
 */
export function historyPage(history: History, report: CheckReport, source: string): string {
  const { verdict, keys, violation } = report;
  const { model, operationCount, clientCount } = history;
  const counts = [
    counted(operationCount, "operation", "operations"),
    counted(clientCount, "process", "processes"),
    counted(keys.length, "key", "keys"),
    `model ${model.name}`,
  ].join(", ");
  const sections = violation ? [violationSection(violation, model)] : orderSections(keys, model);
  const body = `<h1><span class="${verdict}">${TITLES[verdict]}</span>: ${escaped(source)}</h1>
<p class="dim">${counts}</p>
${sections.join("\n")}
${keyTable(keys)}`;
  return htmlPage({ title: `${TITLES[verdict]}: ${source}`, style: PAGE_STYLE, body });
}

function violationSection(violation: Explained, model: Model): string {
  const { history, breach } = violation;
  const account = accountOf(violation, model);
  const { culprit, order } = breach;
  const drawn = around(history.operations, culprit);
  const omitted = history.operations.length - drawn.length;
  const reasons = account.reasons.map((reason) => `<li>${escaped(reason)}</li>`).join("");
  return `<h2>Where ${escaped(keyName(history.key))} breaks</h2>
<p>${sentence(account.fine)}</p>
<p class="violation">${sentence(account.claim)} <a href="#culprit">Show it</a></p>
${[account.instead, account.caveat].map((text) => (text === "" ? "" : `<p>${sentence(text)}</p>`)).join("")}
<ul>${reasons}</ul>
${pagePicture({ operations: drawn, order: order ?? [], culprit })}
<p class="dim">Time runs from left to right, without a scale. Numbers give an order of what is fine; pale operations have no place in it.${omitted > 0 ? ` ${omitted} operations that are further away are left out.` : ""}</p>
${order ? orderList(order, history.initial, model, "An order of what is fine") : ""}`;
}

/** The last operations up to the culprit, and a few after it. */
function around(operations: readonly Operation[], culprit: Operation): readonly Operation[] {
  const after = operations.findIndex(({ callLine }) => callLine > (culprit.returnLine ?? 0));
  const end = after < 0 ? operations.length : Math.min(operations.length, after + DRAWN_AFTER);
  const drawn = operations.slice(Math.max(0, end - MOST_DRAWN), end);
  return drawn.includes(culprit) ? drawn : [culprit, ...drawn];
}

/** One section a key, as long as there is room. */
function orderSections(keys: readonly KeyReport[], model: Model): string[] {
  let room = MOST_DRAWN;
  return keys.flatMap(({ history, order }) => {
    const { key, operations, initial } = history;
    if (operations.length === 0 || operations.length > room) return [];
    room -= operations.length;
    const picture = pagePicture({ operations, order: order ?? [], culprit: null });
    const list = order ? orderList(order, initial, model, "The order that was found") : "";
    return [`<h2>${escaped(keyName(key))}</h2>\n${picture}\n${list}`];
  });
}

/** The operations in their order, each with the state it leaves; of a long order, the end. */
function orderList(order: readonly Operation[], initial: string, model: Model, title: string): string {
  const states = statesAlong(initial, order) ?? [];
  const start = Math.max(0, order.length - MOST_DRAWN);
  const items = order.slice(start).map((operation, index) => {
    const { result } = operation;
    const said = `${operationName(operation)}${result === "" ? "" : `: ${shortened(result)}`}`;
    const state = shortened(model.shown(states[start + index + 1] ?? ""));
    return `<li>${escaped(said)} <span class="dim">leaves ${escaped(state)}</span></li>`;
  });
  return `<details><summary>${title}</summary><ol start="${start + 1}">${items.join("\n")}</ol></details>`;
}

function keyTable(keys: readonly KeyReport[]): string {
  const shown = keys.slice(0, MOST_DRAWN);
  const rows = shown.map(({ history, verdict, limit, breach }) => {
    const line = breach ? `line ${breach.culprit.returnLine}` : limit === null ? "" : `${limit} ran out`;
    const cells = [escaped(keyName(history.key)), history.operations.length, TITLES[verdict], line];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const more = keys.length > shown.length ? `<p class="dim">and ${keys.length - shown.length} more keys</p>` : "";
  return `<h2>Keys</h2>
<table><tr><th>key</th><th>operations</th><th>verdict</th><th></th></tr>
${rows.join("\n")}</table>${more}`;
}

/** What an account says, as a sentence of its own. */
function sentence(text: string): string {
  return escaped(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}
