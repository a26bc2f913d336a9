// Moments in the reader's own time zone; the page itself says them in UTC, which stays in the tooltip.

const language = document.documentElement.lang || "en";
// The day first, as the server writes it in sentences.
const locale = language === "en" ? "en-GB" : language;
const day = { day: "numeric", month: "short", year: "numeric" };
const formats = {
  day: new Intl.DateTimeFormat(locale, day),
  moment: new Intl.DateTimeFormat(locale, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
};

const localise = () => {
  for (const time of document.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) time.textContent = formats[time.dataset.local].format(at);
    time.removeAttribute("data-local");
  }
};

document.addEventListener("backchannel:swapped", localise);
localise();
