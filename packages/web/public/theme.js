// Runs before the first paint, so that a dark page never flashes white. Kept out of the bundle for that reason alone.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem('holdfast.theme');
  } catch {
    // Storage can be switched off; the system's choice is used then.
  }
  const dark =
    choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
