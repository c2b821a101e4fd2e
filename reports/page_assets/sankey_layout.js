// Where a Sankey picture's nodes and bands lie: the same steps, numbers and names as reports/sankey_columns.py and
// reports/sankey_place.py, which draw the pictures of the workbooks. A test holds both to the same geometry.

const BOX = 12, GAP = 14, AWAY = 6, LEAST = 1.5;
const TIGHT = 2, SPARED = 0.25, NAMES = 0.8;
const HALVINGS = 40, SETTLING = 24;

/** The nearest numbers (weighted least squares) that never fall. */
function isotonic(values, weights) {
  const blocks = [];
  values.forEach((value, index) => {
    blocks.push([value, weights[index], 1]);
    while (blocks.length > 1 && blocks[blocks.length - 2][0] > blocks[blocks.length - 1][0]) {
      const last = blocks.pop(), before = blocks.pop();
      const mass = last[1] + before[1];
      blocks.push([(last[0] * last[1] + before[0] * before[1]) / mass, mass, last[2] + before[2]]);
    }
  });
  return blocks.flatMap(([value, , count]) => Array(count).fill(value));
}

function stacked(slots, gap) {
  const tops = [];
  let reached = 0;
  for (const slot of slots) {
    tops.push(reached + slot.above);
    reached = tops[tops.length - 1] + slot.box + slot.below + gap;
  }
  return tops;
}

function bottom(layer, slots, tops) {
  return layer.reduce((most, item) => Math.max(most, tops[item] + slots[item].box + slots[item].below), layer.length ? -Infinity : 0);
}

/** The top of the box of each item; the highest label begins at 0. */
function settle(order, slots, pulls, gap, room) {
  const tops = {};
  const least = order.map((layer) => stacked(layer.map((item) => slots[item]), gap));
  order.forEach((layer, column) => layer.forEach((item, row) => (tops[item] = least[column][row])));
  const needed = order.map((layer) => bottom(layer, slots, tops));
  const centre = Math.max(0, ...needed) / 2;
  for (const layer of order) {
    if (!layer.length) continue;
    const shift = centre - bottom(layer, slots, tops) / 2;
    layer.forEach((item) => (tops[item] += shift));
  }
  const near = {};
  for (const pull of pulls) {
    (near[pull.a] ||= []).push([pull.b, pull.atB - pull.atA, pull.weight]);
    (near[pull.b] ||= []).push([pull.a, pull.atA - pull.atB, pull.weight]);
  }
  for (let sweep = 0; sweep < SETTLING; sweep += 1) {
    for (let step = 0; step < order.length; step += 1) {
      const column = sweep % 2 === 0 ? step : order.length - 1 - step;
      const layer = order[column];
      const wanted = [], weights = [];
      layer.forEach((item, row) => {
        const pulled = near[item] || [];
        const mass = pulled.reduce((sum, one) => sum + one[2], 0);
        const total = pulled.reduce((sum, [other, shift, weight]) => sum + (tops[other] + shift) * weight, 0);
        wanted.push((mass > 0 ? total / mass : tops[item]) - least[column][row]);
        weights.push(Math.max(mass, 1e-9));
      });
      const spare = Math.max(room - needed[column], 0);
      isotonic(wanted, weights).forEach((height, row) => {
        tops[layer[row]] = Math.min(Math.max(height, 0), spare) + least[column][row];
      });
    }
  }
  const highest = Math.min(...order.flat().map((item) => tops[item] - slots[item].above));
  for (const item of order.flat()) tops[item] -= highest;
  return tops;
}

/** Room of names; where they would fill a column it is cut, as bands are what the picture is for. */
function crowded(items, texts, height) {
  const found = [...texts];
  for (const layer of items) {
    const needed = layer.reduce((sum, item) => sum + texts[item], 0);
    if (needed > NAMES * height) layer.forEach((item) => (found[item] = (texts[item] * NAMES * height) / needed));
  }
  return found;
}

function gapOf(items, texts, height) {
  const gaps = items.filter((layer) => layer.length > 1)
    .map((layer) => (SPARED * (height - layer.reduce((sum, item) => sum + texts[item], 0))) / (layer.length - 1));
  return Math.min(GAP, Math.max(TIGHT, gaps.length ? Math.min(...gaps) : GAP));
}

function scaleOf(items, through, texts, height, gap) {
  const largest = Math.max(0, ...items.map((layer) => layer.reduce((sum, item) => sum + through[item], 0)));
  if (largest <= 0) return 1;
  let low = 0, high = height / largest;
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    const needed = Math.max(...items.map((layer) =>
      layer.reduce((sum, item) => sum + Math.max(through[item] * middle, LEAST, texts[item]) + gap, 0) - gap));
    if (needed <= height) low = middle; else high = middle;
  }
  return low || high;
}

/** The upper edge of each link at its start (0) or end (1), below the top of the box. */
function portsOf(side, ends, widths, slots, tops) {
  const found = [];
  slots.forEach((slot, item) => {
    const own = ends.map((pair, link) => link).filter((link) => ends[link][side] === item);
    const before = (link) => tops[ends[link][1 - side]] + slots[ends[link][1 - side]].box / 2;
    let reached = slot.box <= LEAST ? (slot.box - own.reduce((sum, link) => sum + widths[link], 0)) / 2 : 0;
    for (const link of own.sort((a, b) => before(a) - before(b) || a - b)) {
      found[link] = reached;
      reached += widths[link];
    }
  });
  return found;
}

/** The places of links {start, end, tonnes} whose nodes stand in ``order``, each with a label ``text`` points high. */
function layOut(links, order, text, width, height, sides) {
  const keys = order.flat();
  const index = new Map(keys.map((key, position) => [key, position]));
  const items = order.map((column) => column.map((key) => index.get(key)));
  const inward = Array(keys.length).fill(0), outward = Array(keys.length).fill(0);
  for (const link of links) {
    outward[index.get(link.start)] += link.tonnes;
    inward[index.get(link.end)] += link.tonnes;
  }
  const through = inward.map((value, item) => Math.max(value, outward[item]));
  const texts = crowded(items, keys.map(() => text), height);
  const gap = gapOf(items, texts, height);
  const scale = scaleOf(items, through, texts, height, gap);
  const slots = through.map((value, item) => {
    const box = Math.max(value * scale, LEAST);
    const spill = Math.max(0, (texts[item] - box) / 2);
    return { box, above: spill, below: spill };
  });
  const ends = links.map((link) => [index.get(link.start), index.get(link.end)]);
  const widths = links.map((link) => link.tonnes * scale);
  const pulls = ends.map(([a, b], link) => ({ a, b, atA: slots[a].box / 2, atB: slots[b].box / 2, weight: widths[link] }));
  const tops = settle(items, slots, pulls, gap, height);
  const lowest = Math.max(0, ...items.map((layer) => bottom(layer, slots, tops)));
  for (const item of items.flat()) tops[item] += Math.max(height - lowest, 0) / 2;
  const starts = portsOf(0, ends, widths, slots, tops), finishes = portsOf(1, ends, widths, slots, tops);
  const last = Math.max(order.length - 1, 1);
  const lefts = order.map((_, column) => sides[0] + (column * (width - sides[0] - sides[1] - BOX)) / last);
  const column = new Map();
  items.forEach((layer, position) => layer.forEach((item) => column.set(item, position)));
  return {
    through,
    boxes: keys.map((key, item) => ({ key, left: lefts[column.get(item)], top: tops[item], height: slots[item].box, column: column.get(item) })),
    bands: ends.map(([a, b], link) => ({
      left: lefts[column.get(a)] + BOX, top: tops[a] + starts[link],
      right: lefts[column.get(b)], end: tops[b] + finishes[link], width: widths[link],
    })),
  };
}

/** The outline of a band, as reports/sankey_shape.py has it. */
function outline({ left, top, right, end, width }) {
  const half = (left + right) / 2;
  const f = (value) => value.toFixed(2);
  return `M${f(left)} ${f(top)}C${f(half)} ${f(top)} ${f(half)} ${f(end)} ${f(right)} ${f(end)}L${f(right)} ${f(end + width)}` +
    `C${f(half)} ${f(end + width)} ${f(half)} ${f(top + width)} ${f(left)} ${f(top + width)}Z`;
}
