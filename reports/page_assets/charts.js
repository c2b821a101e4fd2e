// Charts in a few shapes: lines over years, stacked columns, points. Never a colour without a word or a sign.

const DASHES = { today: "", plan: "", reference: "6 4", target: "2 3" };

/** Round steps for an axis from low to high. */
function ticks(low, high, count = 5) {
  const span = high - low || 1;
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= raw - 1e-12);
  const found = [];
  for (let value = Math.floor(low / step + 1e-9) * step; value < high + step * 0.999; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}

/** The frame of a chart with its axis; returns the picture and where a value lies. */
function frame(title, text, low, high, format, width = 720, height = 300, left = 84) {
  const right = 16, top = 14, foot = 34;
  const marks = ticks(low, high);
  const decimals = marks.every((mark) => Number.isInteger(mark)) ? 0 : 1;
  const [first, last] = [marks[0], marks[marks.length - 1]];
  const y = (value) => top + ((last - value) / (last - first || 1)) * (height - top - foot);
  const picture = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}. ${text}`, class: "chart" });
  for (const value of marks) {
    picture.append(
      s("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: value === 0 ? "zero" : "grid" }),
      s("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end", class: "axis" }, format(value, false, decimals)),
    );
  }
  return { picture, y, left, right: width - right, bottom: height - foot, height };
}

function framed(title, picture, legend, more) {
  return h("figure", {}, h("figcaption", {}, title), h("div", { class: "wide", tabindex: "0", role: "group", "aria-label": title }, picture), legend, more);
}

/** Lines over years. ``series``: name, colour, dash, points [[year, value]]. */
function lineChart(title, text, series, format, key) {
  const points = series.flatMap((item) => item.points);
  if (!points.length) return null;
  const years = [...new Set(points.map((point) => point[0]))].sort((a, b) => a - b);
  const values = points.map((point) => point[1]);
  const low = Math.min(...values), high = Math.max(...values);
  const box = frame(title, text, Math.max(0, low - (high - low) * 0.15), high, format);
  const span = years[years.length - 1] - years[0] || 1;
  const x = (year) => box.left + 24 + ((year - years[0]) / span) * (box.right - box.left - 48);
  let reached = -99;
  for (const year of years) {
    if (x(year) - reached < 40) continue;
    reached = x(year);
    box.picture.append(s("text", { x: x(year), y: box.bottom + 20, "text-anchor": "middle", class: "axis" }, year));
  }
  series.forEach((item, index) => {
    const line = item.points.map(([year, value]) => `${x(year).toFixed(1)},${box.y(value).toFixed(1)}`).join(" ");
    if (item.points.length > 1) box.picture.append(s("polyline", { points: line, fill: "none", stroke: item.colour, "stroke-width": 2.5, "stroke-dasharray": item.dash || null }));
    for (const [year, value] of item.points) {
      box.picture.append(marker(index, x(year), box.y(value), item.colour, `${item.name} ${year}: ${format(value, true)}`));
    }
  });
  const legend = h("ul", { class: "legend" }, series.map((item, index) =>
    h("li", {}, s("svg", { viewBox: "0 0 34 14", width: 34, height: 14, "aria-hidden": "true" },
      s("line", { x1: 1, x2: 33, y1: 7, y2: 7, stroke: item.colour, "stroke-width": 2.5, "stroke-dasharray": item.dash || null }),
      marker(index, 17, 7, item.colour)), item.name)));
  const rows = years.map((year) => [String(year), ...series.map((item) => {
    const found = item.points.find((point) => point[0] === year);
    return found ? format(found[1], true) : null;
  })]);
  const twin = table({ caption: title, columns: [[word("year"), "text"], ...series.map((item) => [item.name, "one"])], lines: rows });
  return framed(title, box.picture, legend, figures(key, twin));
}

/** One of four signs, so that lines are told apart without their colours. */
function marker(index, x, y, colour, title) {
  const r = 4.5;
  const shapes = [
    () => s("circle", { cx: x, cy: y, r, fill: colour }),
    () => s("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r, fill: colour }),
    () => s("path", { d: `M${x} ${y - r - 1}L${x + r + 1} ${y + r}L${x - r - 1} ${y + r}Z`, fill: colour }),
    () => s("path", { d: `M${x} ${y - r - 1}L${x + r + 1} ${y}L${x} ${y + r + 1}L${x - r - 1} ${y}Z`, fill: colour }),
  ];
  const found = shapes[index % shapes.length]();
  if (title) found.append(s("title", {}, title));
  return found;
}

/** Columns of parts, those below zero downwards. ``parts``: name, colour, values by column. */
function stackChart(title, text, heads, parts, format, key, unit) {
  const shown = parts.filter((part) => part.values.some((value) => value));
  if (!shown.length) return null;
  const sign = (index) => String.fromCharCode(65 + (index % 26));
  const sums = heads.map((_, column) => {
    const values = shown.map((part) => part.values[column] || 0);
    return [values.filter((value) => value < 0).reduce((a, b) => a + b, 0), values.filter((value) => value > 0).reduce((a, b) => a + b, 0)];
  });
  const box = frame(title, text, Math.min(0, ...sums.map((sum) => sum[0])), Math.max(0, ...sums.map((sum) => sum[1])), format, 720, 330);
  const step = (box.right - box.left) / heads.length;
  const wide = Math.min(step * 0.7, 90);
  heads.forEach((head, column) => {
    const middle = box.left + step * (column + 0.5);
    const lines = step < 62 ? head.split(" ") : [head];
    lines.forEach((line, row) => box.picture.append(s("text", { x: middle, y: box.bottom + 14 + row * 13, "text-anchor": "middle", class: "axis" }, line)));
    let up = 0, down = 0;
    shown.forEach((part, index) => {
      const value = part.values[column] || 0;
      if (!value) return;
      const from = value > 0 ? up : down;
      const [y1, y2] = [box.y(from), box.y(from + value)];
      if (value > 0) up += value; else down += value;
      const tall = Math.abs(y2 - y1);
      box.picture.append(s("rect", { x: middle - wide / 2, y: Math.min(y1, y2), width: wide, height: tall, fill: part.colour, stroke: "#FFFFFF", "stroke-width": 0.7 },
        s("title", {}, `${part.name}, ${head}: ${format(value, true)}`)));
      if (tall > 13) box.picture.append(s("text", { x: middle, y: (y1 + y2) / 2 + 4, "text-anchor": "middle", fill: letters(part.colour), class: "sign" }, sign(index)));
    });
  });
  const legend = h("ul", { class: "legend" }, shown.map((part, index) =>
    h("li", {}, s("svg", { viewBox: "0 0 18 14", width: 18, height: 14, "aria-hidden": "true" },
      s("rect", { width: 18, height: 14, fill: part.colour }),
      s("text", { x: 9, y: 11, "text-anchor": "middle", fill: letters(part.colour), class: "sign" }, sign(index))), part.name)));
  const lines = shown.map((part) => [part.name, ...heads.map((_, column) => format(part.values[column] || 0, true))]);
  const total = [word("total"), ...heads.map((_, column) => format(sums[column][0] + sums[column][1], true))];
  const twin = table({ caption: title + (unit ? `, ${unit}` : ""), columns: [[word("what"), "text"], ...heads.map((head) => [head, "one"])], lines, total });
  return framed(title + (unit ? ` (${unit})` : ""), box.picture, legend, figures(key, twin));
}

/** Points of a curve: cost against what it buys. */
function curveChart(title, text, points, formatX, formatY, key, heads) {
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const box = frame(title, text, Math.min(...ys), Math.max(...ys), formatY);
  const marks = ticks(Math.min(...xs), Math.max(...xs), 6);
  const [first, last] = [marks[0], marks[marks.length - 1]];
  const x = (value) => box.left + 14 + ((value - first) / (last - first || 1)) * (box.right - box.left - 40);
  marks.forEach((value) => box.picture.append(s("text", { x: x(value), y: box.bottom + 20, "text-anchor": "middle", class: "axis" }, formatX(value))));
  const line = points.filter((point) => point.best).sort((a, b) => a.x - b.x);
  box.picture.append(s("polyline", { points: line.map((point) => `${x(point.x)},${box.y(point.y)}`).join(" "), fill: "none", stroke: data.colours.variant.plan, "stroke-width": 2 }));
  points.forEach((point) => box.picture.append(marker(point.best ? 0 : 2, x(point.x), box.y(point.y), point.best ? data.colours.variant.plan : data.colours.variant.reference, `${point.name}: ${formatX(point.x, true)}, ${formatY(point.y, true)}`)));
  const twin = table({ caption: title, columns: [[word("plan"), "text"], ...heads.map((head) => [head, "one"])], lines: points.map((point) => [point.name, formatX(point.x, true), formatY(point.y, true)]) });
  return framed(title, box.picture, h("p", { class: "note" }, text), figures(key, twin));
}
