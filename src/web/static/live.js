// Keeps an open ticket up to date: an event says that something changed, the fragment is fetched, the parts that differ
// are swapped. What the reader is doing comes first: a panel with edited text or focus in it waits for a click.

const SETTLE_MS = 250;
const POLL_MS = 4000;

const root = document.querySelector("[data-live]");
const parts = () => [...root.querySelectorAll("[data-swap]")];
const shown = new Map(parts().map((part) => [part.dataset.swap, part.outerHTML]));
let line = "";
let offer = null;
let wanted = 0;
/** How far each part was scrolled before it gave way to its skeleton. */
const scrolled = new Map();

const tell = () => {
  const say = root.querySelector("[data-live-say]");
  if (!say) return;
  say.classList.toggle("on", line === root.dataset.sayOn);
  say.textContent = offer ? `${root.dataset.sayChanged} ` : line;
  if (!offer) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "linklike";
  button.textContent = root.dataset.sayShow;
  button.addEventListener("click", offer);
  say.append(button);
};

const state = (text) => {
  line = text;
  tell();
};

const isBox = (field) => field.type === "checkbox" || field.type === "radio";
const differs = (field) => {
  if (isBox(field)) return field.checked !== field.defaultChecked;
  return field.options ? [...field.options].some((one) => one.selected !== one.defaultSelected) : field.value !== field.defaultValue;
};
const edited = (part) => [...part.querySelectorAll("textarea, input:not([type=hidden]), select")].some(differs);
const busyHere = (part) => edited(part) || (part.contains(document.activeElement) && document.activeElement.matches("textarea, input, select"));

/** Which folds are open, by their place: ids where there are some, else the order in the part. */
const folds = (part) => [...part.querySelectorAll("details")].map((fold, place) => [fold.id || `${fold.className} ${place}`, fold]);

const swap = (current, fresh) => {
  const name = current.dataset.swap;
  const focus = current.contains(document.activeElement) ? document.activeElement.id : "";
  const open = new Map(folds(current).map(([key, fold]) => [key, fold.open]));
  const scroll = current.scrollTop || scrolled.get(name) || 0;
  scrolled.set(name, fresh.matches('[aria-busy="true"]') ? scroll : 0);
  shown.set(name, fresh.outerHTML);
  current.replaceWith(fresh);
  for (const [key, fold] of folds(fresh)) if (open.has(key)) fold.open = open.get(key);
  // At once: a part that scrolls smoothly would be on its way when the next one comes.
  fresh.scrollTo({ top: scroll, behavior: "instant" });
  // Whoever writes has now seen these comments: the reply that they write does not pass one.
  const seen = document.querySelector('#composer [name="seen"]');
  if (seen && fresh.dataset.last !== undefined) seen.value = fresh.dataset.last;
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
};

const apply = (html, asked) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  offer = null;
  for (const current of parts()) {
    const fresh = page.querySelector(`[data-swap="${current.dataset.swap}"]`);
    if (!fresh || fresh.outerHTML === shown.get(current.dataset.swap)) continue;
    if (!asked && busyHere(current)) offer = () => apply(html, true);
    else swap(current, document.adoptNode(fresh));
  }
  document.dispatchEvent(new CustomEvent("backchannel:swapped"));
  tell();
};

const refresh = async () => {
  const turn = ++wanted;
  try {
    const answer = await fetch(root.dataset.fragment, { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (turn !== wanted) return;
    if (!answer.ok || answer.redirected) throw new Error(`answered ${answer.status}`);
    apply(await answer.text(), false);
  } catch {
    if (turn === wanted) state(root.dataset.sayFailed);
  }
};

let settling;
const soon = () => {
  clearTimeout(settling);
  settling = setTimeout(refresh, SETTLE_MS);
};

/** While the panel is being prepared, a lost stream must not leave the reader before a skeleton. */
const poll = () => {
  if (root.querySelector('[aria-busy="true"]')) refresh().finally(() => setTimeout(poll, POLL_MS));
};

if (root) {
  let lost = false;
  const stream = new EventSource(root.dataset.events);
  stream.addEventListener("message", soon);
  stream.addEventListener("open", () => {
    state(root.dataset.sayOn);
    if (lost) soon();
    lost = false;
  });
  stream.addEventListener("error", () => {
    lost = true;
    state(stream.readyState === EventSource.CLOSED ? "" : root.dataset.sayOff);
  });
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  setTimeout(poll, POLL_MS);
}
