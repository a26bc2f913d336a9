// Search as one types: the first results stand in a list below the field, which keeps the focus (the combobox pattern of ARIA). A pause
// in typing asks; a newer question gives the older one up, so that only the last answer counts. Without this script the field is a form.

const PAUSE_MS = 150;
const LEAST_CHARS = 2;

const form = document.querySelector("form[data-search]");
const field = form.querySelector("input[type=search]");
const box = form.querySelector("[data-search-box]");
const list = box.querySelector("[role=listbox]");
const failed = box.querySelector("[data-search-failed]");
const said = form.querySelector("[data-search-say]");
let pause = 0;
let call = null;
/** What the list answers. */
let answered = "";

for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
  field.setAttribute(name, value);
}

const typed = () => field.value.trim();
const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

const choose = (option) => {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
};

const show = (isOpen) => {
  box.hidden = !isOpen;
  field.setAttribute("aria-expanded", String(isOpen && list.childElementCount > 0));
  choose(null);
};

const settle = () => {
  clearTimeout(pause);
  call?.abort();
  call = null;
  form.classList.remove("searching");
};

const close = () => {
  settle();
  show(false);
  said.textContent = "";
};

const look = async () => {
  settle();
  const own = (call = new AbortController());
  const text = typed();
  const address = new URL(form.dataset.search, location.href);
  for (const [name, value] of new FormData(form)) address.searchParams.set(name, value);
  form.classList.add("searching");
  let answer = null;
  try {
    const page = await fetch(address, { headers: { accept: "text/html" }, credentials: "same-origin", signal: own.signal });
    // A redirect would be the way to the sign-in page.
    if (page.ok && !page.redirected) answer = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[role=listbox]");
  } catch {
    answer = null;
  }
  if (call !== own) return;
  settle();
  list.replaceChildren(...(answer ? document.adoptNode(answer).childNodes : []));
  answered = answer ? text : "";
  failed.hidden = Boolean(answer);
  said.textContent = answer ? answer.dataset.say : failed.textContent;
  if (document.activeElement === field) show(true);
};

field.addEventListener("input", () => {
  settle();
  // What was chosen answered other words.
  choose(null);
  if (typed().length < LEAST_CHARS) close();
  else pause = setTimeout(look, PAUSE_MS);
});

const move = (by) => {
  if (box.hidden) {
    if (typed().length < LEAST_CHARS) return;
    if (answered === typed()) show(true);
    else look();
    return;
  }
  // The field itself is one stop of the round.
  const stops = [null, ...options()];
  choose(stops.at((stops.indexOf(chosen()) + by) % stops.length));
};

field.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape" && (!box.hidden || call)) {
    // The next one empties the field, as browsers do.
    close();
  } else if (event.key === "Enter" && chosen()) {
    chosen().click();
  } else {
    return;
  }
  event.preventDefault();
});

// A click in the list must not take the focus away before it arrives.
box.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => event.target.closest("[role=option]") && !event.ctrlKey && !event.metaKey && !event.shiftKey && close());
form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || close());
