// Passkeys: <form data-passkey="create|get" data-options="address"> asks the browser before it is
// sent. It is hidden where passkeys cannot work; pages say so in [data-passkey-missing].

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the server sends in base64 becomes bytes, where the browser wants bytes.
function decoded({ publicKey: options }) {
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const list of ["excludeCredentials", "allowCredentials"])
    for (const credential of options[list] ?? []) credential.id = toBytes(credential.id);
  return { publicKey: options };
}

function encoded(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  return JSON.stringify({
    id: credential.id, rawId: toText(credential.rawId), type: credential.type, response,
    clientExtensionResults: {},
  });
}

async function ask(form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!answer.headers.get("Content-Type")?.includes("json"))
    throw new Error("You waited for too long. Reload the page and try again.");
  const options = await answer.json();
  if (options.problem) throw new Error(options.problem);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create(decoded(options))
    : navigator.credentials.get(decoded(options));
}

function sentence(error) {
  if (error.name === "NotAllowedError")
    return "Your browser did not use a passkey: it was cancelled, it took too long, or there is none for this site. Try again.";
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "SecurityError") return "Passkeys need an address with a name and https.";
  if (error instanceof TypeError) return "We cannot be reached. Check your connection, then try again.";
  return error.message;
}

async function go(form) {
  const problem = form.querySelector(".err[role=alert]");
  const button = form.querySelector("button[type=submit]");
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    form.elements.answer.value = encoded(await ask(form));
    form.submit(); // past the listener below
  } catch (error) {
    button.removeAttribute("aria-busy");
    problem.textContent = sentence(error);
    problem.hidden = false;
  }
}

if (window.PublicKeyCredential && window.isSecureContext) {
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.remove();
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation(); // the page's own "sent once" must not lock a try that was cancelled
      if (form.reportValidity()) go(form);
    });
  }
}
