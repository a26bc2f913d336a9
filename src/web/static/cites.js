// Citations jump to the words they rest on: whatever hides those words is opened first.

const place = (hash) => (hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null);

/** Opens every fold around an element and, on a narrow screen, the tab that holds it. */
const reveal = (target) => {
  for (let fold = target.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  const tab = target.closest(".panel") ? "show-panel" : target.closest(".talk-column") ? "show-talk" : null;
  const radio = tab && document.getElementById(tab);
  if (radio) radio.checked = true;
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  const target = link && place(link.hash);
  if (target) reveal(target);
});

const arrive = () => {
  const target = place(location.hash);
  if (!target) return;
  reveal(target);
  target.scrollIntoView({ block: "center" });
};

window.addEventListener("hashchange", arrive);
arrive();
