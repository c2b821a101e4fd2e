// The sections of the page, each a heading and what belongs below it.

function answerSection() {
  const sheet = data.answers[chosen.place][language()];
  const first = ["key_figures"];
  return [
    h("p", { class: "answer" }, sheet.answer),
    sheet.lead.map((text) => h("p", {}, text)),
    sheetTables(sheet, first),
    sheet.tables.filter((item) => !first.includes(item.key)).map((item) => figures(`answer-${item.key}`, table(item), item.caption)),
  ];
}

function obstaclesSection() {
  const sheet = data.obstacles[language()];
  return [h("p", {}, sheet.answer), sheet.lead.map((text) => h("p", {}, text)), sheetTables(sheet)];
}

/** The years and values of a row of states, today first. */
function seriesOf(values, variant, scale) {
  return statesOf(variant, variant !== "today").filter(([index]) => known(values[index])).map(([index, year]) => [year, values[index] * scale]);
}

function targetsSection() {
  const { pairs, values } = data.rates;
  const { scope, method, target, year } = data.headline;
  const mine = values[chosen.place];
  const at = pairs.findIndex((pair) => pair[0] === scope && pair[1] === method);
  const share = (value, exact, decimals = 0) => `${number(value, exact ? 2 : decimals)} %`;
  const parts = [];
  if (at >= 0) {
    const series = ["plan", "reference"].map((variant) => ({ name: nameOf("variant", variant), colour: data.colours.variant[variant], dash: DASHES[variant], points: seriesOf(mine[at], variant, 0.01) })).filter((item) => item.points.some(([, value], i) => i > 0 || value));
    const goals = data.targets.filter((item) => item.scope === scope && item.method === method && item.place === "").map((item) => [item.year, item.target * 100]);
    if (goals.length) series.push({ name: word("target"), colour: data.colours.variant.target, dash: DASHES.target, points: goals });
    const title = word("rate_title", { place: placeName(chosen.place), scope: nameOf("scope", scope), method: nameOf("method", method) });
    parts.push(lineChart(title, word("rate_text", { year, rate: percent(mine[at][data.start] / 1e4), target: percent(target) }), series, share, "rates-chart"));
  }
  const rows = data.targets.filter((item) => !chosen.place || item.place === "" || item.place === chosen.place);
  const targetTable = (list, caption) => table({
    caption,
    columns: [[word("place"), "text"], [word("scope"), "text"], [word("method"), "text"], [word("year"), "year"], [word("target"), "percent"], [word("reached"), "percent"], [word("points_missing"), "one"], [word("tonnes_missing"), "tonnes"], [word("status"), "text"]],
    lines: list.map((item) => [placeName(item.place), capital(nameOf("scope", item.scope)), capital(nameOf("method", item.method)), item.year, item.target, item.rate, Math.max(0, (item.target - item.rate) * 100), item.missing, `${item.met ? "\u2713" : "\u2717"} ${word(item.met ? "met" : "missed")}`]),
    note: word("targets_note", { variant: nameOf("variant", list[0].variant) }),
  });
  if (rows.length) {
    const same = (a, b) => a.scope === b.scope && a.method === b.method && a.place === b.place;
    const lasts = rows.filter((item) => !rows.some((other) => same(item, other) && other.year > item.year));
    parts.push(targetTable(lasts, word("targets_caption")));
    if (lasts.length < rows.length) parts.push(figures("targets-years", targetTable(rows, word("targets_years")), word("targets_years")));
  } else parts.push(h("p", {}, word("no_targets")));
  const extra = comparedStates();
  const methods = [...new Set(pairs.map((pair) => pair[1]))];
  const methodTable = (wanted, caption) => table({
    caption,
    columns: [[word("method"), "text"], ...extra.map((index) => [stateName(index), "percent"])],
    lines: pairs.map((pair, row) => [pair[0] === wanted ? capital(nameOf("method", pair[1])) : null, ...extra.map((index) => (known(mine[row][index]) ? mine[row][index] / 1e4 : null))]).filter((line) => line[0] !== null && line.slice(1).some(known)),
  });
  for (const wanted of [scope, ...new Set(pairs.map((pair) => pair[0]).filter((id) => id !== scope))]) {
    const caption = word("methods_caption", { place: placeName(chosen.place), scope: nameOf("scope", wanted) });
    const made = methodTable(wanted, caption);
    if (made.querySelector("tbody tr")) parts.push(wanted === scope ? made : figures(`methods-${wanted}`, made, word("also_for", { scope: capital(nameOf("scope", wanted)) })));
  }
  parts.push(figures("meanings", h("dl", {}, methods.map((id) => [h("dt", {}, capital(nameOf("method", id))), h("dd", {}, capital(nameOf("meaning", id)))])), word("meanings")));
  return parts;
}

function flowsSection() {
  const rows = flowRows(chosen.place, chosen.at);
  const materials = [...new Set(data.flows.fractions.map((item) => item[1]))].sort((a, b) => byText(nameOf("material", a), nameOf("material", b)));
  const present = new Set(rows.map((row) => row.fraction));
  const options = [h("option", { value: "", selected: chosen.layer === "" }, word("all_materials"))];
  for (const material of materials) {
    const fractions = data.flows.fractions.filter((item) => item[1] === material);
    const value = `material:${material}`;
    options.push(h("optgroup", { label: nameOf("material", material) },
      h("option", { value, selected: chosen.layer === value }, word("all_of", { name: nameOf("material", material).toLowerCase() })),
      fractions.filter((item) => present.has(item[0]) || chosen.layer === `fraction:${item[0]}`).map(([id]) => h("option", { value: `fraction:${id}`, selected: chosen.layer === `fraction:${id}` }, nameOf("fraction", id)))));
  }
  const layer = h("select", { id: "layer", onchange: (event) => {
    chosen.layer = event.target.value;
    if (chosen.layer.startsWith("material:")) chosen.open.add(chosen.layer);
    draw("flows");
    document.getElementById("layer").focus();
    announce(word("layer_chosen", { name: document.getElementById("layer").selectedOptions[0].textContent }));
  } }, options);
  const shutAll = h("button", { type: "button", id: "shut", disabled: chosen.open.size === 0, onclick: () => {
    chosen.open.clear();
    draw("flows");
    document.getElementById("layer").focus();
    announce(word("all_closed"));
  } }, word("close_all"));
  return [
    h("p", {}, word("flows_lead")),
    h("p", { class: "note screen" }, word("flows_keys")),
    h("div", { class: "controls" }, h("label", { for: "layer" }, word("layer")), layer, shutAll),
    sankey(),
  ];
}

function mapSection() {
  return [h("p", {}, word(chosen.place ? "map_lead_place" : "map_lead", { place: placeName(chosen.place), state: stateName(chosen.at) })), map()];
}

/** The scheme that most of a source runs, in words. */
function schemeText(entries) {
  return entries.map(([scheme, share]) => nameOf("scheme", data.schemes.ids[scheme]) + (share < 100 ? ` ${share} %` : "")).join("; ");
}

function schemesSection() {
  const { sources, ids, decided, places } = data.schemes;
  const columns = [...statesOf("today"), ...statesOf(data.infeasible ? "reference" : "plan")];
  const heads = columns.map(([, year]) => [String(year), "text"]);
  if (chosen.place) {
    const mine = places[chosen.place];
    const lines = sources.map((source, row) => {
      const last = columns.map(([index]) => mine[row][index]).filter((list) => list.length).pop() || [];
      const who = [...new Set(last.map(([scheme]) => nameOf("decider", decided[scheme])))].join("; ");
      let before = "";
      const texts = columns.map(([index]) => {
        const text = schemeText(mine[row][index]);
        const began = before && text && text !== before;
        const same = text === before;
        before = text || before;
        return !text ? "" : began ? h("span", { class: "began" }, `\u25b2 ${word("new")}: ${text}`) : same ? h("span", { class: "same" }, h("span", { "aria-hidden": "true" }, "\u2192"), h("span", { class: "hidden" }, word("as_before"))) : text;
      });
      return [both(source), who, ...texts];
    }).filter((line) => line.slice(2).some((text) => text !== ""));
    return [h("p", {}, word("schemes_lead_place")), table({ caption: word("schemes_caption", { place: placeName(chosen.place) }), columns: [[word("source"), "text"], [word("decided_by"), "text"], ...heads], lines, note: word("schemes_note") })];
  }
  const found = [];
  sources.forEach((source, row) => {
    const counts = new Map();
    for (const list of Object.values(places)) {
      columns.forEach(([index], column) => {
        const main = list[row][index][0];
        if (!main) return;
        if (!counts.has(main[0])) counts.set(main[0], columns.map(() => 0));
        counts.get(main[0])[column] += 1;
      });
    }
    [...counts].sort((a, b) => b[1][0] - a[1][0] || byText(ids[a[0]], ids[b[0]])).forEach(([scheme, numbers]) => {
      found.push([both(source), nameOf("scheme", ids[scheme]), decided[scheme] === "municipality" ? word("the_municipalities") : nameOf("decider", decided[scheme]), ...numbers.map((value) => bar(value, value / data.places.length, String(value)))]);
    });
  });
  return [h("p", {}, word("schemes_lead", { count: data.places.length })), table({ caption: word("schemes_caption_all"), columns: [[word("source"), "text"], [word("scheme"), "text"], [word("decided_by"), "text"], ...columns.map(([, year]) => [String(year), "whole"])], lines: found, note: word("schemes_note_all") })];
}

/** A figure with a bar as long as its share. */
function bar(value, share, text) {
  if (!value) return "";
  const inner = h("span", { class: "bar" });
  inner.style.width = `${Math.round(100 * Math.min(1, share))}%`;
  return h("span", { class: "barred" }, inner, h("span", {}, text));
}

function facilitiesSection() {
  const columns = [...statesOf("today"), ...statesOf(data.infeasible ? "reference" : "plan")];
  const mine = new Map();
  for (const [, facility, value] of received()) mine.set(facility, (mine.get(facility) || 0) + value);
  const shown = data.facilities.filter((item) => (chosen.place ? mine.has(item.id) : columns.some(([index]) => item.states[index] && (item.states[index][3] || item.states[index][0]))));
  const events = data.events.filter((event) => shown.some((item) => item.id === event[1]));
  const eventAt = (id, year) => events.filter((event) => event[1] === id && event[0] === year).map((event) => nameOf("event", event[2])).join(", ");
  const head = (item) => [both(item.name), nameOf("technology", item.technology), item.site ? placeName(item.site) : word("elsewhere")];
  const own = (item) => (chosen.place ? [mine.get(item.id)] : []);
  const limited = (state) => state && known(state[1]) && state[1] > 0;
  const marked = (item, year, content) => {
    const what = eventAt(item.id, year);
    return what ? h("span", {}, h("strong", { class: "event" }, `\u25b2 ${what}`), content) : content;
  };
  const loads = shown.filter((item) => columns.some(([index]) => limited(item.states[index])) || events.some((event) => event[1] === item.id))
    .map((item) => [...head(item), ...own(item), ...columns.map(([index, year]) => {
      const now = item.states[index];
      if (!now || !now[0] || !limited(now)) return marked(item, year, "");
      const share = (now[3] + (now[2] || 0)) / now[1];
      return marked(item, year, bar(1, share, percent(share, 0)));
    })]);
  const lines = shown.map((item) => [...head(item), ...own(item), ...columns.map(([index]) => {
    const now = item.states[index];
    return now && now[0] ? now[3] : null;
  })]);
  const parts = [h("p", {}, word(chosen.place ? "facilities_lead_place" : "facilities_lead", { place: placeName(chosen.place), state: stateName(chosen.at) }))];
  if (events.length) {
    const unit = `1.000 ${both(data.currency)}`;
    parts.push(table({
      caption: word("events_caption"),
      columns: [[word("year"), "year"], [word("facility"), "text"], [word("technology"), "text"], [word("event"), "text"], [word("capacity_added"), "tonnes"], [`${word("investment")}, ${language() === 0 ? unit : unit.replace(".", ",")}`, "money"]],
      lines: events.map(([year, id, kind, capacity, capex]) => {
        const item = shown.find((one) => one.id === id);
        return [year, both(item.name), nameOf("technology", item.technology), nameOf("event", kind), capacity, capex];
      }),
    }));
  } else parts.push(h("p", {}, word("no_events")));
  const heads = [[word("facility"), "text"], [word("technology"), "text"], [word("site"), "text"], ...(chosen.place ? [[word("own_tonnes", { state: stateName(chosen.at) }), "tonnes"]] : []), ...columns.map(([, year]) => [String(year), "whole"])];
  if (loads.length) parts.push(table({ caption: word("loads_caption", { place: placeName(chosen.place) }), columns: heads, lines: loads, note: word("loads_note") }));
  const caption = word("facilities_caption", { place: placeName(chosen.place) });
  parts.push(figures("facilities", table({ caption, columns: heads, lines, note: word("facilities_note") }), caption));
  return parts;
}

/** The rows of sums of a place: by first or second key. */
function summed(sums, position) {
  const rows = Object.hasOwn(sums.places, chosen.place) ? sums.places[chosen.place] : [];
  const found = new Map();
  rows.forEach((row, index) => {
    const key = sums.keys[index][position];
    if (!found.has(key)) found.set(key, data.states.map(() => 0));
    row.forEach((value, state) => (found.get(key)[state] += value || 0));
  });
  return found;
}

function comparedStates() {
  const year = data.headline.year;
  const wanted = [stateAt("today", data.accountYear), stateAt("reference", year), stateAt("plan", year)].filter((index) => index >= 0);
  return wanted.includes(chosen.at) ? wanted : [...wanted, chosen.at];
}

function costsSection() {
  const compared = comparedStates();
  const parts = [];
  const categories = summed(data.costs, 1), payers = summed(data.costs, 0);
  if (!categories.size) return [h("p", {}, word("nothing"))];
  const largest = Math.max(...[...categories.values()].flat().map(Math.abs));
  const million = largest >= 1000;
  const scale = million ? 1e-3 : 1, unit = million ? `${word("million")} ${both(data.currency)}` : `${word("thousand")} ${both(data.currency)}`;
  const format = (value, exact, decimals = 0) => number(value, exact ? 1 : decimals);
  const colours = data.colours.series;
  const ordered = [...categories].sort((a, b) => Math.abs(b[1][compared[0]]) - Math.abs(a[1][compared[0]]));
  const stacks = ordered.map(([key, values], index) => ({ name: nameOf("category", key), colour: colours[index % colours.length], values: compared.map((state) => values[state] * scale) }));
  const sum = (list, state) => [...list.values()].reduce((all, values) => all + values[state], 0);
  const text = compared.map((state) => `${stateName(state)}: ${money(sum(categories, state))}`).join("; ");
  parts.push(h("p", {}, word("costs_lead", { text })));
  parts.push(stackChart(word("costs_title_chart", { place: placeName(chosen.place) }), text, compared.map(stateName), stacks, format, "costs", unit));
  const years = [...statesOf("today"), ...statesOf(data.infeasible ? "reference" : "plan")];
  if (years.length > 2) parts.push(stackChart(word("costs_years", { place: placeName(chosen.place) }), text, years.map(([, year]) => String(year)), ordered.map(([key, values], index) => ({ name: nameOf("category", key), colour: colours[index % colours.length], values: years.map(([state]) => values[state] * scale) })), format, "costs-years", unit));
  parts.push(table({
    caption: word("payers_caption", { place: placeName(chosen.place) }), columns: [[word("payer"), "text"], ...compared.map((state) => [`${stateName(state)}, ${unit}`, "one"])],
    lines: [...payers].map(([key, values]) => [nameOf("payer", key), ...compared.map((state) => values[state] * scale)]),
    total: [word("total"), ...compared.map((state) => sum(payers, state) * scale)],
  }));
  const homes = chosen.place ? data.places.find((place) => place.id === chosen.place).homes : data.places.reduce((all, place) => all + (place.homes || 0), 0);
  if (homes > 0 && payers.has("household")) {
    const each = compared.map((state) => (payers.get("household")[state] * 1000) / homes);
    const lines = [[word("per_household"), ...each]];
    if (data.vat) lines.push([word("with_vat", { rate: percent(data.vat, 0) }), ...each.map((value) => value * (1 + data.vat))]);
    parts.push(table({ caption: word("household_caption", { homes: number(homes) }), columns: [[word("what"), "text"], ...compared.map((state) => [`${stateName(state)}, ${both(data.currency)}`, "money"])], lines }));
  }
  parts.push(h("p", { class: "note" }, word("costs_note")));
  return parts;
}

function climateSection() {
  const compared = comparedStates();
  const kinds = summed(data.emissions, 0);
  if (!kinds.size) return [h("p", {}, word("nothing"))];
  const largest = Math.max(...[...kinds.values()].flat().map(Math.abs));
  const [scale, unit] = largest >= 20000 ? [1e-3, "kt CO2e"] : [1, "t CO2e"];
  const counted = [...kinds].filter(([key]) => key !== "biogenic");
  const format = (value, exact, decimals = 0) => number(value, exact ? 1 : decimals);
  const net = (state) => counted.reduce((all, [, values]) => all + values[state], 0) * scale;
  const text = compared.map((state) => `${stateName(state)}: ${number(net(state), 1)} ${unit}`).join("; ");
  const colours = { fossil: "#4A4A4A", transport: "#C05621", avoided: "#1B7F79" };
  const parts = counted.map(([key, values], index) => ({ name: capital(nameOf("kind", key)), colour: colours[key] || data.colours.series[index % data.colours.series.length], values: compared.map((state) => values[state] * scale) }));
  const found = [h("p", {}, word("climate_lead", { text })), stackChart(word("climate_title_chart", { place: placeName(chosen.place) }), text, compared.map(stateName), parts, format, "climate", unit)];
  if (kinds.has("biogenic")) found.push(h("p", { class: "note" }, word("biogenic_note", { text: compared.map((state) => `${stateName(state)}: ${number(kinds.get("biogenic")[state] * scale, 1)} ${unit}`).join("; ") })));
  return found;
}

function choicesSection() {
  const { sheets, curve } = data.choices;
  const parts = [h("p", {}, word("choices_lead", { name: both(data.shownName), folder: data.shownFolder }))];
  if (curve.length > 1) {
    const million = Math.max(...curve.map((point) => Math.abs(point[3]))) >= 1e7;
    const unit = million ? `${word("million")} ${both(data.currency)}` : both(data.currency);
    const cost = (value, exact, decimals = 0) => number(million ? value / 1e6 : value, exact && million ? 1 : decimals);
    const varies = (position) => new Set(curve.map((point) => point[position])).size > 1 && curve.every((point) => known(point[position]));
    const points = (position, factor) => curve.map((point) => ({ name: both(point[5]), x: point[position] * factor, y: point[3], best: point[4] }));
    if (varies(1)) parts.push(curveChart(word("curve_rate", { unit }), word("curve_text"), points(1, 100), (value, exact) => `${number(value, exact ? 2 : value % 1 ? 1 : 0)} %`, cost, "curve-rate", [word("reached"), `${word("costs_title")}, ${unit}`]));
    if (varies(2)) parts.push(curveChart(word("curve_gas", { unit }), word("curve_text"), points(2, 1), (value, exact) => `${number(value, exact ? 1 : 0)}${exact ? " kt CO2e" : ""}`, cost, "curve-gas", ["kt CO2e", `${word("costs_title")}, ${unit}`]));
  }
  return [...parts, sheets[language()].map(table)];
}

function methodSection() {
  const sheet = data.method[language()];
  const first = ["definitions", "quality", "run"];
  return [
    h("p", { class: "answer" }, sheet.answer), sheet.lead.map((text) => h("p", {}, text)), sheetTables(sheet, first),
    sheet.tables.filter((item) => !first.includes(item.key)).map((item) => figures(`method-${item.key}`, table(item), item.caption)),
  ];
}
