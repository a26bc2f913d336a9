// The visible texts of the page that stand out too little from what lies behind them: WCAG 2.2, criterion 1.4.3, level AA.
// An expression: its value is a list of `ratio, colours, element, text`. Large text is held to the same measure as small.
(() => {
  const LEAST = 4.5;
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();

  /** A computed colour as red, green, blue and alpha from 0 to 1, however the browser spells it. */
  const colour = (text) => {
    if (!known.has(text)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      known.set(text, [...pen.getImageData(0, 0, 1, 1).data].map((part) => part / 255));
    }
    return known.get(text);
  };

  const over = (paint, ground) => [...ground.slice(0, 3).map((below, part) => paint[part] * paint[3] + below * (1 - paint[3])), 1];

  /** An element and what holds it, inmost first. */
  const lineage = (element) => (element ? [element, ...lineage(element.parentElement)] : []);

  const ground = (element) => {
    const paints = lineage(element).map((one) => colour(getComputedStyle(one).backgroundColor));
    return paints.reduceRight((below, paint) => over(paint, below), [1, 1, 1, 1]);
  };

  const opacity = (element) => lineage(element).reduce((share, one) => share * Number(getComputedStyle(one).opacity), 1);

  const luminance = (paint) => {
    const [red, green, blue] = paint.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };

  const isSeen = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !element.closest(".hidden");

  const check = (element, css, text, found) => {
    const below = ground(element);
    const [red, green, blue, alpha] = colour(css);
    const above = over([red, green, blue, alpha * opacity(element)], below);
    const ratio = contrast(above, below);
    const hex = (paint) => paint.slice(0, 3).map((part) => Math.round(part * 255).toString(16).padStart(2, "0")).join("");
    const name = `${element.tagName.toLowerCase()}.${element.className}`;
    if (ratio < LEAST) found.add(`${ratio.toFixed(2)}, #${hex(above)} on #${hex(below)}, ${name}, ${text.trim().slice(0, 60)}`);
  };

  const look = (found) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { parentElement: element, data } = texts.currentNode;
      if (!data.trim() || !isSeen(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      const hasRoom = [...range.getClientRects()].some((box) => box.width > 0 && box.height > 0);
      if (hasRoom) check(element, getComputedStyle(element).color, data, found);
    }
    for (const field of document.querySelectorAll("textarea, input:not([type=hidden], [type=radio], [type=checkbox])")) {
      if (!isSeen(field)) continue;
      if (field.value) check(field, getComputedStyle(field).color, field.value, found);
      else if (field.placeholder) check(field, getComputedStyle(field, "::placeholder").color, field.placeholder, found);
    }
  };

  const found = new Set();
  look(found);
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const fold of folded) fold.open = true;
  look(found);
  for (const fold of folded) fold.open = false;
  return [...found].sort();
})()
