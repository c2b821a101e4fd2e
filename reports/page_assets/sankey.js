// The Sankey picture and its keys: Enter opens a node into its parts and closes them again, arrows move.

const WIDTH = 1008, HEIGHT = 352.8, SIDES = [166, 217], LETTERS = 10.5, LEADING = 1.22, ASCENT = 0.93;
const LABEL = 2 * LETTERS * LEADING;
const LONGEST = 42;

function shortened(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}\u2026` : text;
}

/** The rows of the chosen place, state and layer. */
function layerRows() {
  const rows = flowRows(chosen.place, chosen.at);
  if (!chosen.layer) return rows;
  const [kind, id] = [chosen.layer.slice(0, chosen.layer.indexOf(":")), chosen.layer.slice(chosen.layer.indexOf(":") + 1)];
  return rows.filter((row) => row[kind] === id);
}

/** Which nodes a click can open, with the number of parts. */
function partsOf(rows, links) {
  const found = new Map();
  const { parents } = flowLinks(rows, new Set(allNodes(links)));
  for (const [, parent] of parents) found.set(parent, (found.get(parent) || 0) + 1);
  return found;
}

function allNodes(links) {
  return new Set(links.flatMap((link) => [link.start, link.end]));
}

function sankey() {
  const rows = layerRows();
  const box = h("div", {});
  if (!rows.length) return h("p", {}, word("no_flows"));
  const { links, parents, all } = flowLinks(rows, chosen.open);
  const order = nodeColumns(links, parents);
  const most = Math.max(...order.map((column) => column.length));
  const height = Math.max(HEIGHT, (most * LABEL) / NAMES);
  const layout = layOut(links, order, LABEL, WIDTH, height, SIDES);
  const counts = partsOf(rows, links);
  const picture = s("svg", { viewBox: `0 0 ${WIDTH} ${height + 12}`, role: "group", "aria-label": word("sankey_label", { place: placeName(chosen.place), state: stateName(chosen.at) }), class: "sankey" });
  const bands = s("g", { transform: "translate(0 6)", "aria-hidden": "true" });
  layout.bands.forEach((band, position) => {
    const link = links[position];
    bands.append(s("path", {
      d: outline(band), fill: data.colours.material[link.material] || data.colours.material.other, class: "band", stroke: data.colours.material[link.material] || data.colours.material.other,
      "data-start": link.start, "data-end": link.end,
    }, s("title", {}, `${nodeName(link.start)} \u2192 ${nodeName(link.end)}: ${tonnes(link.tonnes)} (${percent(link.tonnes / all)})`)));
  });
  const group = s("g", { transform: "translate(0 6)" });
  const nodes = layout.boxes.map((place, item) => {
    const toggles = counts.get(place.key) > 1 || parents.has(place.key);
    const name = nodeName(place.key), mass = tonnes(layout.through[item]);
    const hint = counts.get(place.key) > 1 ? word("opens_into", { count: counts.get(place.key) }) : parents.has(place.key) ? word("part_of", { name: nodeName(parents.get(place.key)) }) : "";
    const sign = counts.get(place.key) > 1 ? "+ " : parents.has(place.key) ? `${MINUS} ` : "";
    const right = place.column === 0;
    const x = right ? place.left - AWAY : place.left + BOX + AWAY;
    const y = place.top + (place.height - LABEL) / 2;
    const line = (text, row) => s("text", { x, y: y + row * LETTERS * LEADING + LETTERS * ASCENT, "text-anchor": right ? "end" : "start", class: place.column === 1 ? "name backed" : "name" }, text);
    const node = s("g", {
      class: toggles ? "node opens" : "node", role: toggles ? "button" : "img", "data-node": place.key,
      "aria-expanded": toggles ? String(parents.has(place.key)) : null,
      "aria-label": `${name}: ${mass}, ${percent(layout.through[item] / all)}. ${hint}`,
    },
      s("title", {}, `${name}: ${mass}. ${hint}`),
      touch(place, sign + shortened(name)),
      s("rect", { x: place.left, y: place.top, width: BOX, height: place.height, class: "bar" }),
      line(sign + shortened(name), 0), line(mass, 1));
    const act = () => toggle(place.key, parents, counts);
    if (toggles) node.addEventListener("click", act);
    node.addEventListener("keydown", (event) => {
      if (toggles && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); act(); }
      if (event.key === "Escape" && parents.has(place.key)) shut(parents.get(place.key));
    });
    const light = (on) => bands.querySelectorAll("path").forEach((band) => band.classList.toggle("lit", on && (band.dataset.start === place.key || band.dataset.end === place.key)));
    for (const [name_, on] of [["mouseenter", true], ["mouseleave", false], ["focus", true], ["blur", false]]) node.addEventListener(name_, () => light(on));
    return node;
  });
  group.append(...nodes);
  picture.append(bands, group);
  const focus = roving(group, nodes, (at, key) => {
    const column = layout.boxes[at].column;
    const mine = layout.boxes.map((place, item) => [place, item]).filter(([place]) => place.column === column).sort((a, b) => a[0].top - b[0].top);
    const row = mine.findIndex(([, item]) => item === at);
    if (key === "Home") return nodes[mine[0][1]];
    if (key === "End") return nodes[mine[mine.length - 1][1]];
    if (key === "ArrowUp" || key === "ArrowDown") return nodes[(mine[row + (key === "ArrowDown" ? 1 : -1)] || [])[1]];
    const next = column + (key === "ArrowRight" ? 1 : -1);
    const middle = (place) => place.top + place.height / 2;
    const beside = layout.boxes.map((place, item) => [Math.abs(middle(place) - middle(layout.boxes[at])), item, place.column]).filter((one) => one[2] === next);
    return beside.length ? nodes[beside.sort((a, b) => a[0] - b[0])[0][1]] : null;
  });
  const rowsShown = links.map((link) => [nodeName(link.start), nodeName(link.end), link.tonnes, link.tonnes / all]);
  const used = [...new Set(links.map((link) => link.material))].sort((a, b) => byText(nameOf("material", a), nameOf("material", b)));
  box.append(
    h("div", { class: "wide", tabindex: "0", role: "group", "aria-label": word("sankey_title") }, picture),
    h("ul", { class: "legend" }, used.map((item) => h("li", {}, s("svg", { viewBox: "0 0 18 12", width: 18, height: 12, "aria-hidden": "true" }, s("rect", { width: 18, height: 12, "fill-opacity": 0.72, fill: data.colours.material[item] || data.colours.material.other })), nameOf("material", item)))),
    figures("sankey", table({
      caption: word("sankey_caption", { place: placeName(chosen.place), state: stateName(chosen.at) }),
      columns: [[word("from"), "text"], [word("to"), "text"], [word("tonnes_year"), "tonnes"], [word("share"), "percent"]],
      lines: rowsShown, note: word("sankey_note"),
    })));
  sankey.focus = (key) => {
    const at = layout.boxes.findIndex((place) => place.key === key);
    if (at >= 0) focus(nodes[at]);
  };
  return box;
}

/** The part of the picture that belongs to a node: its bar and its name. */
function touch(place, text) {
  const wide = text.length * LETTERS * 0.58 + AWAY + 4;
  const top = Math.min(place.top, place.top + (place.height - LABEL) / 2) - 2;
  const left = place.column === 0 ? place.left - wide : place.left - 3;
  return s("rect", { x: left, y: top, width: wide + BOX + 3, height: Math.max(place.height, LABEL) + 4, class: "touch" });
}

/** Open a node, or close the one that it is a part of. */
function toggle(key, parents, counts) {
  if (!(counts.get(key) > 1)) {
    shut(parents.get(key));
    return;
  }
  chosen.open.add(key);
  draw("flows");
  const part = [...flowLinks(layerRows(), chosen.open).parents].find(([, parent]) => parent === key);
  sankey.focus(part ? part[0] : key);
  announce(word("opened", { name: nodeName(key), count: counts.get(key) }));
}

/** Close a node, and what was opened below it. */
function shut(key) {
  for (const other of [...chosen.open]) {
    const below = key === `material:${OTHER}` ? other.startsWith("material:") : key === `treatment:${OTHER}` && other.startsWith("treatment:");
    if (other === key || below) chosen.open.delete(other);
  }
  draw("flows");
  sankey.focus(key);
  announce(word("closed", { name: nodeName(key) }));
}
