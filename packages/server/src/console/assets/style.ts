/** The look of all pages: a few custom properties, plain elements, dark and light by the reader's own setting. */
export const STYLE = /* css */ `
:root {
  --ground: #fbfaf7; --raised: #fff; --ink: #1c1b18; --soft: #5d5a52; --line: #dcd8cd;
  --accent: #0b5d4e; --accent-ink: #fff; --wrong: #a3261b; --wrong-ground: #fdf0ee; --right: #0b5d4e; --right-ground: #eaf5f1;
  --gap: 1rem; --round: .5rem; --measure: 34rem;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #151513; --raised: #1e1e1b; --ink: #efece4; --soft: #aaa69a; --line: #3a3932;
    --accent: #7fd1bd; --accent-ink: #10201c; --wrong: #ff9d92; --wrong-ground: #2e1a18; --right: #7fd1bd; --right-ground: #16261f;
  }
}
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: auto 1fr auto; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--raised); padding: .5rem 1rem; }
.top, .bottom { display: flex; gap: var(--gap); align-items: center; padding: .75rem 1.25rem; border-bottom: 1px solid var(--line); }
.bottom { border: 0; border-top: 1px solid var(--line); font-size: .9rem; }
.top nav { margin-left: auto; display: flex; gap: var(--gap); align-items: center; flex-wrap: wrap; }
.top form { margin: 0; }
.brand { color: var(--ink); font-weight: 650; text-decoration: none; letter-spacing: -.01em; }
main { width: 100%; max-width: var(--measure); margin: 0 auto; padding: 2rem 1.25rem 4rem; }
main.wide, main:has(.wide) { max-width: 52rem; }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.015em; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
section.panel { border: 1px solid var(--line); border-radius: var(--round); background: var(--raised); padding: 1.25rem; margin: 1.25rem 0; }
section.panel > h2:first-child { margin-top: 0; }
section.panel > :last-child, section.panel > :last-child > :last-child { margin-bottom: 0; }
main form + form { margin-top: .75rem; }
.field { margin: 0 0 1.1rem; }
.field label { display: block; font-weight: 600; }
.hint { color: var(--soft); font-size: .9rem; margin: .1rem 0 .35rem; }
input[type=text], input[type=email], input[type=password], select, textarea {
  width: 100%; padding: .6rem .7rem; font: inherit; color: inherit; background: var(--raised);
  border: 1px solid var(--soft); border-radius: calc(var(--round) * .75);
}
input[aria-invalid=true] { border-color: var(--wrong); border-width: 2px; }
.check { display: flex; gap: .6rem; align-items: flex-start; margin: 0 0 .9rem; }
.check input { margin-top: .3rem; flex: none; width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
button, .button {
  font: inherit; font-weight: 600; padding: .65rem 1.1rem; border-radius: calc(var(--round) * .75); cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink); text-decoration: none; display: inline-block;
}
button.second, .button.second { background: transparent; color: var(--accent); }
button.danger { background: transparent; color: var(--wrong); border-color: var(--wrong); }
button.plain { border: 0; padding: 0; background: none; color: var(--accent); font-weight: 400; text-decoration: underline; text-underline-offset: .15em; }
form.apart { margin: 1.25rem 0; }
.row { display: flex; gap: .75rem; flex-wrap: wrap; align-items: center; }
.problem, .notice { padding: .75rem 1rem; border-radius: var(--round); border-left: 4px solid; }
.problem { background: var(--wrong-ground); border-color: var(--wrong); }
.notice { background: var(--right-ground); border-color: var(--right); }
.facts { margin: 0; }
.facts div { display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; gap: .75rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
.facts div:last-child { border: 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd ul { margin: 0; padding-left: 1.1rem; }
.code { font: 600 2rem/1.2 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .12em; text-align: center; padding: 1rem; border: 1px dashed var(--soft); border-radius: var(--round); background: var(--raised); }
.key-text { font-size: 1.05rem; letter-spacing: 0; overflow-wrap: anywhere; user-select: all; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .92em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: .9rem; }
.soft { color: var(--soft); }
.codes { columns: 2 16rem; padding-left: 2rem; }
.codes li { padding: .2rem 0; break-inside: avoid; }
.qr { display: block; width: 15rem; height: 15rem; max-width: 100%; border-radius: var(--round); background: #fff; }
.secret { overflow-wrap: anywhere; }
details { margin: 1.25rem 0; }
td details { margin: 0; }
summary { color: var(--accent); cursor: pointer; }
details form { margin: .75rem 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.captcha { margin: 0 0 1.1rem; }
.captcha .hint { margin: 0 0 .35rem; min-height: 1.5em; }
progress { display: block; width: 100%; height: .5rem; accent-color: var(--accent); }
progress[hidden] { display: block; visibility: hidden; }
@media (max-width: 30rem) {
  .facts div { grid-template-columns: 1fr; gap: 0; }
  table.stack thead { display: none; }
  table.stack tr, table.stack td { display: block; border: 0; padding: .1rem 0; }
  table.stack tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
}
@media (prefers-reduced-motion: no-preference) { button, a { transition: opacity .1s; } button:hover { opacity: .88; } }
`
