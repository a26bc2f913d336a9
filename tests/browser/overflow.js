// What does not keep within its box sideways, on the page or in a part of it that scrolls by itself.
// An expression: its value is a list of `width of the content, width of the box, element`.
(() => {
  // Strips that are made to be scrolled sideways, and fields, whose text scrolls by itself.
  const FREE = ".tabs, .chips, .jumps, .hidden, .skip, input";
  // Boxes that show what does not fit into them beyond their edge.
  const TEXTS = "h1, h2, h3, h4, p, li, dt, dd, blockquote, article, section, .pill, .badge, .tag, .chip, .button";
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest(FREE);

  const isTooNarrow = (element) => {
    // Inline elements have no width of their own.
    if (element.clientWidth === 0 || element.scrollWidth <= element.clientWidth + 1) return false;
    const { overflowX, textOverflow } = getComputedStyle(element);
    return overflowX === "visible" ? element.matches(TEXTS) : textOverflow !== "ellipsis";
  };

  const page = document.documentElement;
  const all = [page, ...document.body.querySelectorAll("*")];
  return all
    .filter((element) => element instanceof HTMLElement && isSeen(element))
    .filter((element) => isTooNarrow(element) || element.getBoundingClientRect().right > innerWidth + 1 || (element === page && page.scrollWidth > innerWidth))
    .map((element) => `${element.scrollWidth}, ${element.clientWidth}, ${element.outerHTML.slice(0, 200)}`)
    .slice(0, 8);
})()
