// A theme without a page load: what is being written stays.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const pressed = event.submitter;
  if (!form.matches("form[data-themes]") || !pressed) return;
  event.preventDefault();
  document.documentElement.dataset.theme = pressed.value;
  document.querySelector("meta[name=color-scheme]").content = pressed.dataset.schemes;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === pressed));
  const body = new URLSearchParams({ [pressed.name]: pressed.value });
  try {
    await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" }, credentials: "same-origin" });
  } catch {
    // The page has its theme; the next one asks the server.
  }
});
