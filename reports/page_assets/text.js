// Words, numbers and elements: everything that is shown is made here, always as text and never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const MINUS = "\u2212";

/** What the reader has chosen. */
const chosen = { lang: data.lang, place: "", at: data.start, layer: "", open: new Set() };

function language() {
  return chosen.lang === "da" ? 0 : 1;
}

/** A text of the chosen language: one for all, or the pair Danish, English. */
function both(text) {
  return Array.isArray(text) ? text[language()] : text;
}

/** A word of the catalogue with its blanks filled in. */
function word(key, values) {
  const text = data.words[key][language()];
  const filled = values ? text.replace(/\{(\w+)\}/g, (blank, name) => (Object.hasOwn(values, name) ? values[name] : blank)) : text;
  // 'mio. kr.' at the end of a sentence needs no second full stop.
  return filled.endsWith("..") ? filled.slice(0, -1) : filled;
}

/** The name of an id; an id without a name stands for itself. */
function nameOf(kind, id) {
  const list = data.names[kind];
  return Object.hasOwn(list, id) ? both(list[id]) : id;
}

function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function placeName(id) {
  if (id === "") return both(data.region);
  const place = data.places.find((item) => item.id === id);
  return place ? both(place.name) : id;
}

function stateName(index) {
  const [variant, year] = data.states[index];
  return `${nameOf("variant", variant)} ${year}`;
}

/** The states of a variant as [index, year]; with ``today`` the accounted year comes first. */
function statesOf(variant, today = false) {
  const found = [];
  data.states.forEach(([name, year], index) => {
    if (name === variant || (today && name === "today")) found.push([index, year]);
  });
  return found.sort((a, b) => a[1] - b[1]);
}

function stateAt(variant, year) {
  return data.states.findIndex((state) => state[0] === variant && state[1] === year);
}

function known(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** A number as the language writes it. */
function number(value, decimals = 0) {
  if (!known(value)) return word("unknown");
  const fixed = Math.abs(value).toFixed(decimals);
  const [whole, part] = fixed.split(".");
  const danish = language() === 0;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, danish ? "." : ",");
  const sign = value < 0 && Number(fixed) !== 0 ? MINUS : "";
  return sign + grouped + (part ? (danish ? "," : ".") + part : "");
}

function percent(share, decimals = 1) {
  return known(share) ? `${number(share * 100, decimals)}\u00a0%` : word("unknown");
}

function tonnes(value) {
  return `${number(value, value !== 0 && Math.abs(value) < 10 ? 1 : 0)} t`;
}

/** Money that is given in thousands, in the unit that its size asks for. */
function money(thousands) {
  const currency = both(data.currency);
  if (!known(thousands)) return word("unknown");
  if (Math.abs(thousands) >= 1000) return `${number(thousands / 1000, 1)} ${word("million")} ${currency}`;
  return `${number(thousands * 1000)} ${currency}`;
}

/** A cell of a table in its style. */
function cell(value, style) {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return word(value ? "yes" : "no");
  const decimals = { one: 1, two: 2, km: 1 }[style] || 0;
  if (style === "percent") return percent(value);
  if (style === "change") return (value > 0 ? "+" : "") + percent(value);
  if (style === "points") return (value > 0 ? "+" : "") + number(value, 1);
  if (style === "year") return String(Math.round(value));
  if (style === "score") return value.toExponential(1).replace(".", language() === 0 ? "," : ".").replace("-", MINUS);
  return number(value, decimals);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** An element of the page. */
function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An element of a picture. */
function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Say what changed to who cannot see it. */
function announce(text) {
  document.getElementById("live").textContent = text;
}

/** The colour of letters that can be read on a fill. */
function letters(fillColour) {
  const channel = (start) => {
    const value = parseInt(fillColour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (light + 0.05) >= 4.5 ? "#FFFFFF" : "#000000";
}

/** Let the arrow keys move among the items of a group, of which one is in the order of tabs. */
function roving(group, items, move) {
  items.forEach((item, index) => item.setAttribute("tabindex", index === 0 ? "0" : "-1"));
  const focus = (item) => {
    if (!item) return;
    items.forEach((other) => other.setAttribute("tabindex", other === item ? "0" : "-1"));
    item.focus();
  };
  group.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    if (at < 0 || !["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    focus(move(at, event.key));
  });
  return focus;
}
