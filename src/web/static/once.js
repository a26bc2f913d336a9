// A form that writes is sent once, however often its button is pressed: a reply must not reach the customer twice.

const FORMS = "form[data-once]";
// Whoever stopped the page from loading may press again after so long.
const AGAIN_AFTER_MS = 5000;

const free = (form) => delete form.dataset.sent;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(FORMS) || event.defaultPrevented) return;
  // Blanks alone are nothing, which the browser says beside the field.
  const blank = [...form.querySelectorAll("textarea[required]")].find((field) => !field.value.trim());
  if (blank) {
    event.preventDefault();
    blank.value = "";
    blank.reportValidity();
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(free, AGAIN_AFTER_MS, form);
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => document.querySelectorAll(FORMS).forEach(free));
