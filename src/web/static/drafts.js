// Drafts: copy them, or carry them over into the reply that is being written.

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

const insert = (button) => {
  const field = document.getElementById("write-body");
  if (!field) return;
  document.getElementById("write-public").checked = true;
  const tab = document.getElementById("show-talk");
  if (tab) tab.checked = true;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${textOf(button)}` : textOf(button);
  field.rows = Math.min(16, field.value.split("\n").length + 4);
  field.focus();
  field.scrollIntoView({ block: "nearest" });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy], [data-insert]");
  if (!button) return;
  if (button.matches("[data-copy]")) copy(button);
  else insert(button);
});
