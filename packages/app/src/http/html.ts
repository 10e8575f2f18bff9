export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A page of the server's own, without scripts. `body` is HTML; `title` is text. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Holdfast</title>
<link rel="stylesheet" href="/api/docs/style.css">
<body>${body}</body>
</html>`;
}

export const styleSheet = `
:root { color-scheme: light dark; --ink: #16181d; --soft: #5b6270; --line: #dfe2e8; --back: #fbfbfc; --card: #fff; --accent: #2f5bea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaef; --soft: #9aa2b1; --line: #2a2e37; --back: #101216; --card: #171a20; --accent: #8ea8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 1.25rem 6rem; background: var(--back); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 2rem; letter-spacing: -0.02em; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 0; }
section > h2 { font-size: 1.4rem; margin: 3rem 0 1rem; }
h3 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--soft); margin: 1.25rem 0 .4rem; }
a { color: var(--accent); }
article, details { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.25rem; margin: 0 0 .75rem; }
summary { cursor: pointer; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
summary::-webkit-details-marker { display: none; }
code, pre { font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--back); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; }
.method { font-weight: 700; min-width: 4rem; color: var(--accent); }
.small { color: var(--soft); font-size: .9rem; margin: .25rem 0; }
.button { display: inline-block; padding: .5rem 1rem; border-radius: 8px; background: var(--accent); color: var(--back); text-decoration: none; font-weight: 600; }
nav { display: flex; gap: 1rem; flex-wrap: wrap; margin: 1.5rem 0 0; }
table { width: 100%; border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); font-size: .95rem; }
@media (max-width: 40rem) { td, th { display: block; padding: .2rem 0; border-top: 0; } tr { display: block; border-top: 1px solid var(--line); padding: .4rem 0; } }
`;
