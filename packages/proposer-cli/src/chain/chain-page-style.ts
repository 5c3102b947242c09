/** The look of a chain's page: it asks nothing of any network, and follows the reader's dark or light. */
export const CHAIN_PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #161b26; --ground: #eef0f5; --paper: #ffffff; --dim: #525c6e; --line: #c3cad8;
  --link: #3a4bd0; --bad: #b0201a; --bad-wash: #fde8e6; --open: #7d4f00; --open-wash: #fdf2da; --good: #0b6b41; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf4; --ground: #0d1119; --paper: #161c28; --dim: #a3afc2; --line: #3a4760;
    --link: #a5b4ff; --bad: #ff968d; --bad-wash: #431a18; --open: #f2bd5c; --open-wash: #372a0f; --good: #5ed39b; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 auto; padding: 1.5rem 1rem 3rem;
  max-width: 48rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1rem; margin: 0; } p { margin: .3rem 0; }
.dim { color: var(--dim); } .good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
a { color: var(--link); }
code, dd { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
ol { list-style: none; margin: 1.2rem 0 0; padding: 0; }
.block { background: var(--paper); border: 1px solid var(--line); border-left: 5px solid var(--link); border-radius: 8px;
  padding: .6rem .9rem; }
.head { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; }
.head code { font-size: 14px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 .8rem; margin: .4rem 0 0; }
dt { color: var(--dim); font-size: 13px; } dd { margin: 0; }
.link { color: var(--link); padding: .1rem 0 .1rem 1.6rem; font-size: 13px; }
.link b { font-weight: 600; }
.link svg { vertical-align: middle; margin-right: .5rem; stroke: currentColor; fill: none; stroke-width: 2; }
.broken { border-color: var(--bad); border-left-color: var(--bad); border-style: dashed; border-left-width: 5px; background: var(--bad-wash); }
.broken ul { margin: .4rem 0 0; padding-left: 1.2rem; color: var(--bad); }
.cut { color: var(--bad); }
.tentative { border-style: dashed; border-color: var(--open); border-left-color: var(--open); background: var(--open-wash); }
.tentative h2 { color: var(--open); }
@media (max-width: 30rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: .2rem; } }
`;
