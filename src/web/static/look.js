// What stands in the way of a message, while it is written: the server looks at it, and what it found stands beside it.

const SETTLE_MS = 900;
const turns = new WeakMap();
const waits = new WeakMap();

const put = (place, fresh) => {
  if (place && fresh && !place.isEqualNode(fresh)) place.replaceChildren(...document.adoptNode(fresh).childNodes);
};

const look = async (form) => {
  const turn = (turns.get(form) ?? 0) + 1;
  turns.set(form, turn);
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  try {
    const page = await fetch(form.dataset.look, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin" });
    // A redirect would be the way to the sign-in page; what cannot be looked at now is looked at when it is sent.
    if (!page.ok || page.redirected || turns.get(form) !== turn) return;
    const found = new DOMParser().parseFromString(await page.text(), "text/html");
    if (turns.get(form) !== turn) return;
    put(form.querySelector("[data-leaks]"), found.querySelector("[data-leaks]"));
    put(form.parentElement.querySelector("[data-answers]"), found.querySelector("[data-answers]"));
  } catch {
    // The same.
  }
};

const soon = (form) => {
  clearTimeout(waits.get(form));
  waits.set(form, setTimeout(look, SETTLE_MS, form));
};

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-look]");
  if (form && !event.target.closest("[data-leaks]")) soon(form);
});

// A draft that is there already is looked at when somebody goes into it.
document.addEventListener("focusin", (event) => {
  const form = event.target.closest?.("form[data-look]");
  if (form && !turns.has(form) && form.querySelector('[name="body"]')?.value.trim()) {
    turns.set(form, 0);
    soon(form);
  }
});
