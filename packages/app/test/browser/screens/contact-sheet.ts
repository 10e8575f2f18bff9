/** A page that shows all pictures, a row for each screen. */
export function contactSheet(screens: readonly string[], looks: readonly string[]): string {
  const rows = screens.map((screen) => {
    const pictures = looks.map(
      (look) =>
        `<a href="${screen}.${look}.png"><img loading="lazy" src="${screen}.${look}.png" alt="${screen}, ${look}"></a>`,
    );
    return `<h2>${screen}</h2><div>${pictures.join('')}</div>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title>
<style>body{font:14px system-ui;margin:24px;background:#8a8f8f}h2{margin:28px 0 8px}div{display:flex;gap:16px;align-items:start}
img{height:420px;border-radius:6px;display:block}</style><h1>${screens.length} screens</h1>${rows.join('\n')}</html>`;
}
