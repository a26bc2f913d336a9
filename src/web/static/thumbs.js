// Thumbs without a page load: pressed at once, taken back when the server does not take them.

const latest = new WeakMap();

const show = (form, pressed) => {
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === pressed));
};

const send = async (form, pressed) => {
  const say = form.querySelector(".thumbs-say");
  const before = form.querySelector('button[aria-pressed="true"]');
  const turn = (latest.get(form) ?? 0) + 1;
  latest.set(form, turn);
  show(form, pressed);
  form.classList.remove("failed");
  say.textContent = "";
  const body = new URLSearchParams(new FormData(form));
  body.set(pressed.name, pressed.value);
  let taken = false;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" }, credentials: "same-origin" });
    // A redirect would be the way to the sign-in page.
    taken = answer.ok && !answer.redirected;
  } catch {
    taken = false;
  }
  if (latest.get(form) !== turn) return;
  if (!taken) show(form, before);
  form.classList.toggle("failed", !taken);
  say.textContent = taken ? form.dataset.sayThanks : form.dataset.sayFailed;
  if (taken) setTimeout(() => latest.get(form) === turn && (say.textContent = ""), 2400);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-thumbs]") || !event.submitter) return;
  event.preventDefault();
  send(form, event.submitter);
});

// The menus that set aside close as menus do.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.(".aside-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".aside-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
