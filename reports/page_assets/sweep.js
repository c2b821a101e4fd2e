// A sweep: all plans as points, what moves them, and its tables.

/** All plans, cost against rate; the sign and the colour of a point tell its scenario. */
function pointsChart(told) {
  const points = told.points.filter((point) => known(point[1]));
  if (points.length < 2) return null;
  const title = word("sweep_points", { unit: told.unit });
  const percent = (value, exact) => `${number(100 * value, exact ? 2 : 0)} %`;
  const cost = (value, exact) => number(value, exact ? 1 : 0);
  const [xs, ys] = [points.map((point) => point[1]), points.map((point) => point[2])];
  const box = frame(title, word("sweep_points_text"), Math.min(...ys), Math.max(...ys), cost);
  const marks = ticks(Math.min(...xs), Math.max(...xs), 6);
  const [first, last] = [marks[0], marks[marks.length - 1]];
  const x = (value) => box.left + 14 + ((value - first) / (last - first || 1)) * (box.right - box.left - 40);
  const colour = (index) => data.colours.series[index % data.colours.series.length];
  marks.forEach((value) => box.picture.append(s("text", { x: x(value), y: box.bottom + 20, "text-anchor": "middle", class: "axis" }, percent(value))));
  points.forEach(([scenario, rate, value, task]) => box.picture.append(
    marker(scenario, x(rate), box.y(value), colour(scenario), `${told.scenarios[scenario]}, ${task}: ${percent(rate, true)}, ${cost(value, true)}`)));
  const legend = h("ul", { class: "legend" }, told.scenarios.map((name, index) =>
    h("li", {}, s("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" }, marker(index, 7, 7, colour(index))), name)));
  const heads = [[word("plan"), "text"], [word("what"), "text"], [word("reached"), "one"], [`${word("costs_title")}, ${told.unit}`, "one"]];
  const lines = points.map(([scenario, rate, value, task]) => [String(task), told.scenarios[scenario], percent(rate, true), cost(value, true)]);
  return framed(title, box.picture, legend, figures("sweep-points", table({ caption: title, columns: heads, lines })));
}

/** Bars from -1 to +1, the strongest first; what may be chance is only an outline. */
function driversChart(told) {
  if (!told.drivers.length) return null;
  const title = word("sweep_drivers", { outcome: word("costs_title").toLowerCase(), where: told.where });
  const text = word("sweep_drivers_text", { n: told.draws });
  const [wide, row, left, top] = [720, 30, 300, 26];
  const tall = top + told.drivers.length * row + 10;
  const x = (value) => left + ((value + 1) / 2) * (wide - left - 20);
  const picture = s("svg", { viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": `${title}. ${text}`, class: "chart" });
  [-1, -0.5, 0, 0.5, 1].forEach((value) => picture.append(
    s("line", { x1: x(value), x2: x(value), y1: top - 6, y2: tall - 8, class: "grid" }),
    s("text", { x: x(value), y: 14, "text-anchor": "middle", class: "axis" }, number(value, 1))));
  told.drivers.forEach(([name, strength, sure], index) => {
    const y = top + index * row;
    const colour = data.colours.series[strength < 0 ? 1 : 0];
    const short = name.length > 44 ? `${name.slice(0, 43)}…` : name;
    picture.append(
      s("text", { x: left - 10, y: y + 15, "text-anchor": "end", class: "axis" }, short),
      s("rect", { x: Math.min(x(0), x(strength)), y: y + 3, width: Math.abs(x(strength) - x(0)), height: row - 12, fill: sure ? colour : "none", stroke: colour, "stroke-width": 1.5 },
        s("title", {}, `${name}: ${number(strength, 2)}`)));
  });
  const heads = [[word("sweep_input"), "text"], [word("sweep_correlation"), "one"]];
  const lines = told.drivers.map(([name, strength]) => [name, number(strength, 2)]);
  return framed(title, picture, h("p", { class: "note" }, text), figures("sweep-drivers", table({ caption: title, columns: heads, lines })));
}

function sweepSection() {
  const told = data.sweep[language()];
  const words = [told.answer, ...told.lead, word("sweep_lead")].map((text) => h("p", {}, text));
  return [...words, pointsChart(told), driversChart(told), told.sheets.map(table)];
}
