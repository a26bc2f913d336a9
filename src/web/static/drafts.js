// Drafts: copy them, carry them over into the reply that is being written, and keep that while the page loads anew.

const textOf = (button) => button.closest("[data-draft]")?.querySelector("[data-draft-text]")?.value ?? "";

const copy = async (button) => {
  const label = button.querySelector("[data-copy-label]");
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(textOf(button));
  } catch {
    // Without the clipboard's permission, the text is left selected for the keyboard.
    const field = button.closest("[data-draft]").querySelector("[data-draft-text]");
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.focus();
    field.select();
    return;
  }
  label.textContent = button.dataset.say;
  button.disabled = true;
  setTimeout(() => {
    label.textContent = before;
    button.disabled = false;
  }, 1600);
};

const grow = (field) => {
  field.rows = Math.min(16, field.value.split("\n").length + 4);
};

// Of the ticket, in this tab alone: another language is another page.
const KEPT = `reply ${location.pathname}`;

/** Keeps what is being written, with for whom it is: a note must not come back as a reply. */
const keep = () => {
  const field = document.getElementById("write-body");
  try {
    if (field?.value.trim()) sessionStorage.setItem(KEPT, JSON.stringify({ body: field.value, note: document.getElementById("write-note").checked }));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing loses it, as before.
  }
};

const restore = () => {
  const field = document.getElementById("write-body");
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (!field || field.value || !kept) return;
    field.value = kept.body;
    document.getElementById(kept.note ? "write-note" : "write-public").checked = true;
    grow(field);
  } catch {
    // The same.
  }
};

const insert = (button) => {
  const field = document.getElementById("write-body");
  if (!field) return;
  document.getElementById("write-public").checked = true;
  const tab = document.getElementById("show-talk");
  if (tab) tab.checked = true;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${textOf(button)}` : textOf(button);
  grow(field);
  keep();
  field.focus();
  field.scrollIntoView({ block: "nearest" });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy], [data-insert]");
  if (!button) return;
  if (button.matches("[data-copy]")) copy(button);
  else insert(button);
});

const composer = document.getElementById("composer");
composer?.addEventListener("input", keep);
// What is sent is no draft any more; where it is refused, the page that says so shows it.
composer?.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // The same.
  }
});
restore();
