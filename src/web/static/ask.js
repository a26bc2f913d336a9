// Questions without a page load: the answer's page is fetched, and its answer shown below the field.

const latest = new WeakMap();

/** Links to places on this page stay on it. */
const stay = (answer) => {
  for (const link of answer.querySelectorAll("a[href*='#']")) {
    const hash = link.getAttribute("href").replace(/^[^#]*/, "");
    if (document.getElementById(decodeURIComponent(hash.slice(1)))) link.setAttribute("href", hash);
  }
};

const ask = async (form) => {
  const shown = form.parentElement.querySelector("[data-asked]");
  const turn = (latest.get(form) ?? 0) + 1;
  latest.set(form, turn);
  shown.textContent = form.dataset.sayBusy;
  let answer = null;
  try {
    const page = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
    // A redirect would be the way to the sign-in page.
    if (page.ok && !page.redirected) answer = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[data-answer]");
  } catch {
    answer = null;
  }
  if (latest.get(form) !== turn) return;
  if (!answer) {
    shown.textContent = form.dataset.sayFailed;
    return;
  }
  stay(answer);
  shown.replaceChildren(...document.adoptNode(answer).childNodes);
  document.dispatchEvent(new CustomEvent("backchannel:swapped"));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-ask]")) return;
  event.preventDefault();
  ask(form);
});
