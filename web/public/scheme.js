// Runs before the first paint so that the page never flashes in the other theme.
// A file of its own because the content security policy refuses inline scripts.
(function () {
  var scheme = 'auto';
  try {
    scheme = localStorage.getItem('tandem-color-scheme') || 'auto';
  } catch {
    // Storage may be blocked; the system's scheme is then used.
  }
  if (scheme !== 'light' && scheme !== 'dark') {
    scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
