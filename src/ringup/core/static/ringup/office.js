// Ringup: the keyboard in the back office. Every page works without it.
//
// In a list ([data-rows] with [data-row] in it): j and k, or the arrows, move; Enter opens the row's
// [data-open]; x ticks its box. In the search ([data-found]): the arrows move through what was found.

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
let current = ""; // the id of the row that has the keyboard: a poll may bring a new element of it

function mark(row, { follow = true } = {}) {
  for (const other of document.querySelectorAll("[data-row][data-current]"))
    delete other.dataset.current;
  current = row?.id ?? "";
  if (!row) return;
  row.dataset.current = "";
  if (!follow) return;
  row.querySelector("[data-open]")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = rows();
  const at = all.findIndex((row) => row.id === current);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  if (all[next]) mark(all[next]);
}

function tick() {
  const box = document.getElementById(current)?.querySelector("input.tick");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

const KEYS = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), x: tick,
  Enter: () => document.getElementById(current)?.querySelector("[data-open]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest("[data-finds]");
  if (field) { find(event, field); return; }
  if (event.target.closest("#found a")) { find(event, document.querySelector("[data-finds]")); return; }
  if (!rows().length || document.querySelector("dialog[open]")) return;
  const busy = event.target.closest("input:not(.tick), textarea, select, summary, button");
  // A link that has the focus opens by itself.
  if (busy || !KEYS[event.key] || (event.key === "Enter" && event.target.closest("a"))) return;
  event.preventDefault();
  KEYS[event.key]();
});

// Where the focus goes, the keyboard goes on.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) mark(row, { follow: false });
});

// A poll brings new rows: the place stays. (Boxes that are ticked stay by hx-preserve.)
document.addEventListener("htmx:afterSettle", () => {
  const row = document.getElementById(current);
  if (row) row.dataset.current = "";
});

// -- one search -----------------------------------------------------------------------------------

function find(event, field) {
  const found = [...document.querySelectorAll("#found a")];
  const at = found.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && found.length) found[Math.min(at + 1, found.length - 1)].focus();
  else if (event.key === "ArrowUp" && at >= 0) (found[at - 1] ?? field).focus();
  else if (event.key === "Escape") close(field);
  else return;
  event.preventDefault();
}

function close(field) {
  const found = document.getElementById("found");
  if (found) found.replaceChildren();
  field.focus();
}

document.addEventListener("click", (event) => {
  const found = document.getElementById("found");
  if (found && !event.target.closest("#found, [data-finds]")) found.replaceChildren();
});
