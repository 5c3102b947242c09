/** The look of a page that stands alone: it asks nothing of any network, and follows the reader's dark or light. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --dim: #59636e; --line: #d1d9e0;
  --bar: #ddf4ff; --edge: #0969da; --open: #fff8c5; --open-edge: #9a6700; --bad: #ffdcd9; --bad-edge: #cf222e;
  --good-edge: #1a7f37; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --dim: #9198a1; --line: #3d444d;
    --bar: #12283f; --edge: #4493f8; --open: #2d2408; --open-edge: #d29922; --bad: #4a1518; --bad-edge: #f85149;
    --good-edge: #3fb950; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.violation { color: var(--bad-edge); } .linearizable { color: var(--good-edge); } .unknown { color: var(--open-edge); }
a { color: var(--edge); } .dim { color: var(--dim); }
code, .picture, ol { font-family: ui-monospace, monospace; font-size: 12px; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); }
.picture { display: flex; border: 1px solid var(--line); }
.names { flex: none; margin: 0; padding: 8px; list-style: none; border-right: 1px solid var(--line); }
.names li { height: 26px; line-height: 26px; white-space: nowrap; }
.scroll { overflow-x: auto; padding: 8px 0; }
svg { display: block; font: inherit; } svg text { fill: var(--ink); white-space: pre; }
.bar { fill: var(--bar); stroke: var(--edge); } .open { fill: var(--open); stroke: var(--open-edge); stroke-dasharray: 4 3; }
.unordered { opacity: .55; } .culprit { fill: var(--bad); stroke: var(--bad-edge); stroke-width: 2; }
:target .culprit { stroke-width: 4; }
.row { stroke: var(--line); }
`;
