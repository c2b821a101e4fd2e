// What a Sankey picture shows: at most so many bands, small flows joined into 'other', none left out. The rules are
// those of reports/sankey.py (function links); beyond them a node can be opened into its parts.

const MOST_LINKS = 26, SMALL = 0.01, OTHER = "*";

/** The flows of a place in a state as rows {fraction, material, stream, collected, treatment, technology, mass}. */
function flowRows(place, at) {
  const { fractions, streams, parts, rows, places } = data.flows;
  const flat = Object.hasOwn(places, place) ? places[place][at] : [];
  const found = [];
  let position = 0;
  for (let step = 0; step < flat.length; step += 2) {
    position += flat[step];
    const [fraction, stream, part] = rows[position];
    found.push({
      fraction: fractions[fraction][0], material: fractions[fraction][1],
      stream: streams[stream][0], collected: streams[stream][1],
      treatment: parts[part][0], technology: parts[part][1], mass: flat[step + 1],
    });
  }
  return found;
}

function sumBy(rows, key) {
  const sums = new Map();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) || 0) + row.mass);
  return sums;
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The bands {start, end, tonnes, material}, heaviest first, and what each node is a part of. Nodes are called
 * material:id, collected:id, treatment:id; opened ones fraction:id, stream:id, part:treatment|technology.
 */
function flowLinks(rows, open, most = MOST_LINKS) {
  const all = rows.reduce((sum, row) => sum + row.mass, 0);
  const least = SMALL * all;
  const startPair = (row) => `${row.material}|${row.collected}`, endPair = (row) => `${row.collected}|${row.treatment}`;
  const begun = sumBy(rows, startPair), ended = sumBy(rows, endPair);
  const weights = sumBy(rows.filter((row) => row.material !== "other"), (row) => row.material);
  const ranked = [...weights.keys()].sort(byText).sort((a, b) => weights.get(b) - weights.get(a));
  const after = new Set([...ended].map(([pair, mass]) => (mass >= least ? pair : `${pair.split("|")[0]}|${OTHER}`)));
  let kept = new Set();
  const shown = (pair) => (kept.has(pair.split("|")[0]) && begun.get(pair) >= least ? pair.split("|")[0] : OTHER);
  for (let count = ranked.length; count >= 0; count -= 1) {
    kept = new Set(ranked.slice(0, count));
    const before = new Set([...begun.keys()].map((pair) => `${shown(pair)}|${pair.split("|")[1]}`));
    if (before.size + after.size <= most) break;
  }
  const parents = new Map();
  const part = (parent, key) => {
    if (!open.has(parent)) return parent;
    parents.set(key, parent);
    return key;
  };
  const sums = new Map();
  const add = (start, end, material, mass) => {
    const key = JSON.stringify([start, end]);
    if (!sums.has(key)) sums.set(key, new Map());
    sums.get(key).set(material, (sums.get(key).get(material) || 0) + mass);
  };
  for (const row of rows) {
    let start = `material:${shown(startPair(row))}`;
    if (start === `material:${OTHER}`) start = part(start, `material:${row.material}`);
    if (start !== `material:${OTHER}`) start = part(start, `fraction:${row.fraction}`);
    const middle = part(`collected:${row.collected}`, `stream:${row.stream}`);
    let end = `treatment:${ended.get(endPair(row)) >= least ? row.treatment : OTHER}`;
    if (end === `treatment:${OTHER}`) end = part(end, `treatment:${row.treatment}`);
    if (end !== `treatment:${OTHER}`) end = part(end, `part:${row.treatment}|${row.technology}`);
    add(start, middle, row.material, row.mass);
    add(middle, end, row.material, row.mass);
  }
  const links = [...sums].map(([key, materials]) => {
    const [start, end] = JSON.parse(key);
    const heaviest = [...materials].sort((a, b) => b[1] - a[1] || byText(a[0], b[0]))[0][0];
    const tonnes = [...materials.values()].reduce((sum, value) => sum + value, 0);
    return { start, end, tonnes, material: start === `material:${OTHER}` ? "other" : heaviest };
  });
  links.sort((a, b) => b.tonnes - a.tonnes || byText(a.start, b.start) || byText(a.end, b.end));
  return { links, parents, all };
}

/** The nodes column by column, heaviest first, 'other' last; the parts of an opened node stay together. */
function nodeColumns(links, parents) {
  const sizes = new Map();
  const size = (key) => {
    if (!sizes.has(key)) sizes.set(key, [0, 0]);
    return sizes.get(key);
  };
  for (const link of links) {
    size(link.start)[0] += link.tonnes;
    size(link.end)[1] += link.tonnes;
  }
  const weight = (key) => Math.max(...sizes.get(key));
  const family = (key) => (parents.has(key) ? family(parents.get(key)) : key);
  const families = new Map();
  for (const key of sizes.keys()) families.set(family(key), (families.get(family(key)) || 0) + weight(key));
  const column = { material: 0, fraction: 0, collected: 1, stream: 1, treatment: 2, part: 2 };
  const found = [[], [], []];
  const isOther = (key) => (key.endsWith(`:${OTHER}`) ? 1 : 0);
  const keys = [...sizes.keys()].sort((a, b) => {
    const [one, two] = [family(a), family(b)];
    return isOther(one) - isOther(two) || families.get(two) - families.get(one) || byText(one, two) ||
      weight(b) - weight(a) || byText(a, b);
  });
  for (const key of keys) found[column[key.slice(0, key.indexOf(":"))]].push(key);
  return found;
}

/** The name of a node for the reader. */
function nodeName(key) {
  const colon = key.indexOf(":");
  const kind = key.slice(0, colon), id = key.slice(colon + 1);
  if (id === OTHER) return word(kind === "material" ? "other_materials" : "other_treatment");
  if (kind !== "part") return nameOf(kind, id);
  const [treatment, technology] = id.split("|");
  return technology ? `${nameOf("technology", technology)}` : `${nameOf("treatment", treatment)}, ${word("directly")}`;
}
