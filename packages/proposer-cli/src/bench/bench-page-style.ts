/** The look of the page: it asks nothing of any network, follows the reader's dark or light, and can be printed. */
export const BENCH_PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --card: #f6f8fa; --dim: #59636e; --line: #d1d9e0;
  --paxos: #0969da; --etcd: #bc4c00; --bad: #cf222e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --card: #151b23; --dim: #9198a1; --line: #343b44;
    --paxos: #58a6ff; --etcd: #f0883e; --bad: #f85149; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 76rem;
  padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; } h3 { font-size: 1rem; margin: 0; }
p { margin: .3rem 0; max-width: 60rem; } .dim { color: var(--dim); } .bad { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .8rem; margin: 1.2rem 0 0; padding: 0; list-style: none; }
.tiles li, figure { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: 0; }
.tiles b { display: block; font-size: 1.6rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: .8rem; margin-top: .6rem; }
figure { break-inside: avoid; } svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--dim); font: 12px system-ui, sans-serif; } svg .name { font-style: italic; }
svg .label { fill: var(--ink); font-size: 11px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.grid { stroke: var(--line); stroke-width: .6; } .grid.major { stroke-width: 1.4; }
polyline { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.paxos polyline, .paxos line { stroke: var(--paxos); } .paxos circle { fill: var(--paxos); }
.etcd polyline, .etcd line { stroke: var(--etcd); } .etcd circle { fill: var(--etcd); }
.get polyline, .get line { stroke-dasharray: 7 5; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .4rem 0; padding: 0; list-style: none; }
.legend svg { display: inline-block; width: 2.4rem; height: .8rem; margin-right: .5rem; vertical-align: middle; }
.legend line { stroke-width: 2.6; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
td, th { text-align: right; padding: .25rem 0 .25rem 1.4rem; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--dim); } td:first-child, th:first-child, tbody th { text-align: left; padding-left: 0; }
tbody th + th { padding-left: 1.4rem; } summary { cursor: pointer; margin-top: .8rem; }
:focus-visible { outline: 2px solid var(--paxos); outline-offset: 2px; }
@media print { body { padding: 0; max-width: none; font-size: 11px; } .tiles li, figure { background: none; } }
`;
