// Ringup: the little behaviour HTML cannot do alone. Every page works without it.
// No dependencies, no inline handlers (strict CSP). Event delegation, so that fragments swapped in
// by htmx need no re-initialisation.

const root = document.documentElement;

function toggleTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("ringup-theme", root.dataset.theme); } catch { /* storage is off */ }
}

// <button data-copy="text"> copies and says so, to eyes and to screen readers.
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.done = "";
  announce("Copied");
  setTimeout(() => delete button.dataset.done, 1500);
}

// <button data-reveal="id" aria-pressed="false"> shows what a password input holds.
function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
}

function announce(text) {
  let live = document.getElementById("live");
  if (!live) {
    live = Object.assign(document.createElement("p"), { id: "live", className: "sr" });
    live.setAttribute("role", "status");
    document.body.append(live);
  }
  live.textContent = text;
}

// Open <dialog id="x"> from any <a href="#x" data-dialog="x"> or from the address bar.
function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  let hit;
  if (at("[data-theme-toggle]")) toggleTheme();
  else if ((hit = at("[data-copy]"))) copy(hit);
  else if ((hit = at("[data-reveal]"))) reveal(hit);
  else if ((hit = at("[data-dialog]"))) { event.preventDefault(); openDialog(hit.dataset.dialog); }
  else if ((hit = at("[data-close]"))) hit.closest("dialog").close();
  else if (at("[data-print]")) print();
  else if ((hit = at("[data-dismiss]"))) hit.closest(".toast, .alert").remove();
  // Close open <details class="menu"> when clicking elsewhere.
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape")
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing) {
    const box = document.querySelector('input[type="search"]');
    if (box) { event.preventDefault(); box.focus(); }
  }
});

// <input type="checkbox" data-all="name"> ticks every checkbox of that name.
document.addEventListener("change", (event) => {
  const { all } = event.target.dataset;
  if (all) for (const box of document.getElementsByName(all)) box.checked = event.target.checked;
});

// <input type="password" data-rules="id">: each <li data-rule="regular expression"> of the list
// shows whether what is typed keeps it. The server judges; this only saves a round trip.
document.addEventListener("input", (event) => {
  const list = document.getElementById(event.target.dataset.rules ?? "");
  for (const item of list?.querySelectorAll("[data-rule]") ?? [])
    item.toggleAttribute("data-met", new RegExp(item.dataset.rule, "u").test(event.target.value));
});

// <span class="hold" data-hold="mm:ss">: one clock ticks every hold on the page, each from the
// moment it appeared. data-hold-total is the full length in seconds.
const appeared = new WeakMap();
setInterval(() => {
  for (const hold of document.querySelectorAll("[data-hold]")) {
    if (!appeared.has(hold)) appeared.set(hold, Date.now());
    const [m, s] = hold.dataset.hold.split(":").map(Number);
    const passed = Math.floor((Date.now() - appeared.get(hold)) / 1000);
    const left = Math.max(0, m * 60 + s - passed);
    const total = Number(hold.dataset.holdTotal);
    hold.querySelector("time").textContent =
      `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    hold.querySelector(".ring__bar").setAttribute("stroke-dasharray", `${(left / total) * 100} 100`);
    if (left === 0 && hold.dataset.state !== "gone") {
      hold.dataset.state = "gone";
      hold.querySelector("span").textContent = "Hold ended";
      announce("The hold on your number has ended. Hold it again in the step Number.");
      hold.dispatchEvent(new CustomEvent("hold-ended", { bubbles: true }));
    } else if (left === 0) continue;
    else if (left < 120) hold.dataset.state = "low";
    if (left === 120) announce("Two minutes left on your number hold");
  }
}, 1000);

// A file that is too large is told before it is sent; the server says the same.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[type=file][data-most]")) return;
  const isTooLarge = [...target.files].some((file) => file.size > Number(target.dataset.most));
  target.setCustomValidity(isTooLarge ? target.dataset.tooLarge : "");
  if (isTooLarge) target.reportValidity();
});

// A form is sent once: the pressed button rests until the next page is there. The server knows a
// repeated order anyway; this says that something is happening.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post" || form.matches("[hx-post], [data-hx-post]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => rest(form), 15000);
});
function rest(form) {
  delete form.dataset.sent;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(rest));

// The button of a form that htmx sends rests as well; the answer brings a new one.
document.addEventListener("htmx:beforeRequest", (event) =>
  event.detail.requestConfig.triggeringEvent?.submitter?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) =>
  event.detail.requestConfig?.triggeringEvent?.submitter?.removeAttribute("aria-busy"));

// After an htmx swap, move focus to whatever asked for it; on a full page likewise.
function focusIn(place) {
  const wanted = place.matches?.("[data-focus]") ? place : place.querySelector("[data-focus]");
  wanted?.focus();
}
document.addEventListener("htmx:afterSettle", (event) => focusIn(event.detail.elt));
focusIn(document);

// What the reader opened stays open when its place is rendered anew.
const opened = new Set();
document.addEventListener("htmx:beforeSwap", (event) => {
  for (const one of event.detail.target?.querySelectorAll?.("details[id]") ?? []) {
    if (one.open) opened.add(one.id); else opened.delete(one.id);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  for (const one of event.detail.elt.querySelectorAll?.("details[id]") ?? []) {
    if (opened.has(one.id)) one.open = true;
  }
});

// A request that found no server, or broke there: say so in place, once.
function broken(event, sentence) {
  const place = event.detail.target ?? document.querySelector("main");
  place.parentElement.querySelector(":scope > [data-broken]")?.remove();
  const alert = document.createElement("div");
  alert.className = "alert";
  alert.dataset.tone = "red";
  alert.dataset.broken = "";
  alert.setAttribute("role", "alert");
  alert.append(Object.assign(document.createElement("span"), { textContent: "!" }),
               Object.assign(document.createElement("p"), { textContent: sentence }));
  place.before(alert);
}
const reading = (event) => event.detail.requestConfig?.verb === "get";
document.addEventListener("htmx:sendError", (event) => broken(event, reading(event)
  ? "We cannot be reached. Check your connection, then try again."
  : "The connection broke. What you sent may or may not have arrived: reload the page to see."));
document.addEventListener("htmx:responseError", (event) => broken(event, reading(event)
  ? "This part could not be loaded. Try again in a moment."
  : "That did not work on our side. Reload the page to see how things stand before you try again."));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful)
    for (const old of document.querySelectorAll("[data-broken]")) old.remove();
});

if (location.hash.length > 1) openDialog(location.hash.slice(1));
