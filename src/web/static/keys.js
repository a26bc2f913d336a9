// Keys: what each does stands in the map of keys on the page, so that what is shown and what works cannot part.
// None works while somebody types, nor with Ctrl, Alt or Meta; all of them can be turned off, as they may be in the way of other tools.

const PATIENCE_MS = 1500;
const OFF = "backchannel:keys-off";

const map = document.querySelector("[data-keys]");
const on = map.querySelector("[data-keys-on]");
const keys = [...map.querySelectorAll("[data-key]")];
let before = "";
let at = 0;

/** Whether keys write where the focus is. */
const writes = (element) => element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

/** Goes to a row: from the one with the focus, else from an end. */
const step = (by) => {
  const rows = [...document.querySelectorAll(".t-subject a, .waits-to")];
  const here = rows.findIndex((row) => row.closest("tr, li").contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next]?.focus();
};

const act = ({ go, press, focus, step: by, show }) => {
  const field = focus && document.querySelector(focus);
  if (focus && !field) return;
  if (press) for (const target of document.querySelectorAll(press)) target.click();
  field?.focus();
  if (by) step(Number(by));
  if (go) location.assign(go);
  if (show !== undefined) map.showModal();
};

document.addEventListener("keydown", (event) => {
  if (!on.checked || map.open || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
  const both = event.timeStamp - at < PATIENCE_MS ? `${before} ${event.key}` : event.key;
  const found = keys.find((one) => one.dataset.key === both) ?? keys.find((one) => one.dataset.key === event.key);
  before = found ? "" : event.key;
  at = event.timeStamp;
  // What browsers do by themselves has nothing to do here.
  if (!found || Object.keys(found.dataset).length === 1) return;
  event.preventDefault();
  act(found.dataset);
});

document.addEventListener("click", (event) => event.target.closest("[data-keys-open]") && map.showModal());

try {
  on.checked = localStorage.getItem(OFF) === null;
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
} catch {
  // Without storage they are on until somebody turns them off on this page.
}
