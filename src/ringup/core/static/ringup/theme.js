// Runs before the page is painted, so that a chosen theme does not flash. Everything else is in ringup.js.
try {
  const saved = localStorage.getItem("ringup-theme");
  if (saved) document.documentElement.dataset.theme = saved;
} catch { /* storage is off: the system's setting stands */ }
