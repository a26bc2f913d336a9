// Long side conversations: search within, and the first message that was not there when the reader left.

const KEY = (thread) => `seen ${thread.id}`;
const messages = (thread) => [...thread.querySelectorAll(".thread-message[id]")];

/** Shows only the messages that hold every word, folded parts included. */
const find = (field) => {
  const thread = field.closest(".thread");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const message of messages(thread)) {
    const text = fold(message.textContent);
    message.hidden = !words.every((word) => text.includes(word));
    if (!message.hidden) count += 1;
  }
  const all = messages(thread).length;
  field.closest("[data-talk-tools]").querySelector("[data-found]").textContent = words.length ? `${count} / ${all}` : "";
};

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-find]")) find(event.target);
});

// A jump leads to a message that a search hid.
document.addEventListener("click", (event) => {
  const thread = event.target.closest?.("[data-talk-tools] a")?.closest(".thread");
  const field = thread?.querySelector("[data-find]");
  if (!field?.value) return;
  field.value = "";
  find(field);
});

/** Leads to what came after the last message that this browser has shown before. */
const unread = () => {
  for (const link of document.querySelectorAll("a[data-unread]")) {
    const all = messages(link.closest(".thread"));
    let seen = null;
    try {
      seen = localStorage.getItem(KEY(link.closest(".thread")));
    } catch {
      // A browser that keeps nothing has seen everything.
    }
    const place = all.findIndex((message) => message.id === seen);
    const first = place >= 0 ? all[place + 1] : undefined;
    link.hidden = !first;
    if (first) link.href = `#${first.id}`;
  }
};

window.addEventListener("pagehide", () => {
  for (const thread of document.querySelectorAll(".thread[open]")) {
    const last = messages(thread).at(-1);
    try {
      if (last) localStorage.setItem(KEY(thread), last.id);
    } catch {
      // The same.
    }
  }
});

document.addEventListener("backchannel:swapped", unread);
unread();
