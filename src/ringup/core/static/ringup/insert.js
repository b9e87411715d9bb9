// The editor of mails: a merge field goes where the cursor was. Without this file the button posts
// the form, and the field stands at the end of the chosen part.

const form = document.getElementById("editor");
const parts = ["subject", "text", "html"];
let last = null;

form.addEventListener("focusin", ({ target }) => {
  if (!parts.includes(target.name)) return;
  last = target;
  form.querySelector(`input[name="part"][value="${target.name}"]`).checked = true;
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  event.preventDefault();
  const part = form.querySelector('input[name="part"]:checked')?.value ?? "html";
  const area = last?.name === part ? last : form.elements[part];
  area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
  area.focus();
});
