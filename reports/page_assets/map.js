// The map of towns and facilities: points where they lie, bands for what goes from a town to a facility.

const MAP = { width: 900, height: 620 };
const mapView = { near: true, zoom: 1, shift: [0, 0] };
const DRAWN = 0.9, DRAWN_OF_ONE = 0.99, NAMED = 12;
const GROUPS = ["recycling", "sorting", "other_material_recovery", "energy_recovery", "landfill"];

function groupOf(facility) {
  return GROUPS.includes(facility.treatment) ? facility.treatment : "other";
}

function groupName(group) {
  if (group === "sorting" || group === "other") return word(`group_${group}`);
  return nameOf("treatment", group);
}

function groupColour(group) {
  if (group === "sorting") return data.colours.series[5];
  return data.colours.treatment[group] || "#52606D";
}

/** The sign of a kind of facility, so that it is told by more than its colour. */
function groupSign(group, x, y, r) {
  const colour = groupColour(group);
  const shapes = {
    recycling: () => s("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r }),
    sorting: () => s("path", { d: `M${x} ${y - r - 1}L${x + r + 1} ${y}L${x} ${y + r + 1}L${x - r - 1} ${y}Z` }),
    other_material_recovery: () => s("path", { d: `M${x - r} ${y - r}L${x + r} ${y - r}L${x} ${y + r}Z` }),
    energy_recovery: () => s("path", { d: `M${x} ${y - r - 1}L${x + r} ${y + r}L${x - r} ${y + r}Z` }),
    landfill: () => s("path", { d: `M${x - r} ${y - r / 2}H${x + r}V${y + r / 2}H${x - r}Z` }),
    other: () => s("path", { d: `M${x - r} ${y - r / 2}L${x} ${y - r}L${x + r} ${y - r / 2}L${x + r} ${y + r / 2}L${x} ${y + r}L${x - r} ${y + r / 2}Z` }),
  };
  const found = shapes[group]();
  found.setAttribute("fill", colour);
  found.setAttribute("stroke", "#FFFFFF");
  return found;
}

/** What each facility takes in the chosen state of the chosen place, or of every place: [place, facility, tonnes]. */
function received() {
  const { facilities, places } = data.received;
  const found = [];
  for (const place of data.places) {
    if (chosen.place && place.id !== chosen.place) continue;
    const flat = Object.hasOwn(places, place.id) ? places[place.id][chosen.at] : [];
    for (let step = 0; step < flat.length; step += 2) found.push([place.id, facilities[flat[step]], flat[step + 1]]);
  }
  return found;
}

/** The corner and size, in degrees, that the map begins with: everything, or where most people live. */
function extent(near, used) {
  let towns = data.places.filter((place) => place.at);
  if (near) {
    const people = new Map();
    for (const place of towns) people.set(place.zone, (people.get(place.zone) || 0) + (place.people || 0));
    const zone = chosen.place ? (data.places.find((place) => place.id === chosen.place) || {}).zone : [...people].sort((a, b) => b[1] - a[1])[0]?.[0];
    towns = towns.filter((place) => place.zone === zone);
  }
  const points = towns.map((place) => place.at);
  if (!near || !points.length) points.push(...used.filter((item) => item.at).map((item) => item.at));
  if (!points.length) return null;
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
}

/** Return where a coordinate lies on the map. */
function projection(box) {
  const [west, east, south, north] = box;
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const span = Math.max((east - west) * shrink, 0.02), tall = Math.max(north - south, 0.02);
  const scale = Math.min((MAP.width - 190) / span, (MAP.height - 90) / tall) * mapView.zoom;
  const middle = [(west + east) / 2, (south + north) / 2];
  const to = ([lon, lat]) => [
    MAP.width / 2 + (lon - middle[0]) * shrink * scale + mapView.shift[0],
    MAP.height / 2 - (lat - middle[1]) * scale + mapView.shift[1],
  ];
  // One degree of latitude is some 111.2 km.
  return { to, perKm: scale / 111.2 };
}

/** Facilities that stand on one spot are set around it. */
function spots(items, to) {
  const groups = new Map();
  for (const item of items) {
    const point = to(item.at);
    const key = `${Math.round(point[0] / 9)}|${Math.round(point[1] / 9)}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push([item, point]);
  }
  const found = new Map();
  for (const group of groups.values()) {
    group.forEach(([item, point], position) => {
      const radius = group.length === 1 ? 0 : 9 + group.length;
      const angle = (2 * Math.PI * position) / group.length - Math.PI / 2;
      found.set(item.id, [point[0] + radius * Math.cos(angle), point[1] + radius * Math.sin(angle)]);
    });
  }
  return found;
}

/** Names beside their points, where there is room for them. */
function labels(points, spotsTaken) {
  const around = ([x, y]) => [x - 5, y - 5, x + 5, y + 5];
  const taken = points.filter((point) => point[3] !== "plant").map(around);
  const hits = (box) => taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]);
  const inside = (box) => box[0] > 0 && box[2] < MAP.width && box[1] > 0 && box[3] < MAP.height;
  const found = [];
  let plants = false;
  for (const [x, y, text, style] of points) {
    // A town has its name even where signs of facilities lie below it.
    if (style === "plant" && !plants) taken.push(...[...spotsTaken].map(around));
    plants = style === "plant";
    const wide = text.length * 6.4;
    const spotsOf = [[x + 8, y + 4, "start"], [x - 8, y + 4, "end"], [x, y - 9, "middle"], [x, y + 17, "middle"]];
    for (const [tx, ty, anchor] of spotsOf) {
      const left = anchor === "start" ? tx : anchor === "end" ? tx - wide : tx - wide / 2;
      const box = [left, ty - 11, left + wide, ty + 3];
      if (!inside(box) || hits(box)) continue;
      taken.push(box);
      found.push(s("text", { x: tx, y: ty, "text-anchor": anchor, class: `town ${style}` }, text));
      break;
    }
  }
  return found;
}

/** The heaviest flows, which together are most of the tonnes: all of them would hide each other. */
function heaviest(flows, share) {
  const sorted = [...flows].sort((a, b) => b[2] - a[2]);
  const whole = sorted.reduce((sum, flow) => sum + flow[2], 0);
  let sum = 0;
  const drawn = sorted.filter((flow) => {
    const wanted = sum < share * whole;
    sum += flow[2];
    return wanted;
  });
  return { drawn, least: drawn.length ? drawn[drawn.length - 1][2] : 0 };
}

function map() {
  const flows = received();
  const mass = new Map();
  for (const [, facility, value] of flows) mass.set(facility, (mass.get(facility) || 0) + value);
  const used = data.facilities.filter((item) => mass.has(item.id));
  const lines = used.map((item) => [both(item.name), nameOf("technology", item.technology), item.site ? placeName(item.site) : word("elsewhere"), mass.get(item.id)])
    .sort((a, b) => b[3] - a[3]);
  const twin = table({
    caption: word("map_caption", { place: placeName(chosen.place), state: stateName(chosen.at) }),
    columns: [[word("facility"), "text"], [word("technology"), "text"], [word("site"), "text"], [word("tonnes_year"), "tonnes"]], lines,
  });
  const box = extent(mapView.near, used);
  if (!box) return h("div", {}, h("p", {}, word("no_map")), twin);
  const { to, perKm } = projection(box);
  const placed = spots(used.filter((item) => item.at), to);
  const picture = s("svg", { viewBox: `0 0 ${MAP.width} ${MAP.height}`, class: "map", role: "group", "aria-label": word("map_label", { place: placeName(chosen.place), state: stateName(chosen.at), count: used.length }) });
  picture.append(s("rect", { width: MAP.width, height: MAP.height, class: "sea" }));
  const bands = s("g", { "aria-hidden": "true" });
  const share = chosen.place ? DRAWN_OF_ONE : DRAWN;
  const { drawn, least } = heaviest(flows, share);
  const widest = Math.max(1, ...drawn.map((flow) => flow[2]));
  for (const [place, facility, value] of drawn) {
    const town = data.places.find((item) => item.id === place), end = placed.get(facility);
    if (!town.at || !end) continue;
    const start = to(town.at), item = used.find((one) => one.id === facility);
    const bend = [(start[0] + end[0]) / 2 + (end[1] - start[1]) * 0.12, (start[1] + end[1]) / 2 - (end[0] - start[0]) * 0.12];
    bands.append(s("path", { d: `M${start[0].toFixed(1)} ${start[1].toFixed(1)}Q${bend[0].toFixed(1)} ${bend[1].toFixed(1)} ${end[0].toFixed(1)} ${end[1].toFixed(1)}`, class: "haul", stroke: groupColour(groupOf(item)), "stroke-width": Math.max(0.8, 13 * Math.sqrt(value / widest)).toFixed(2) },
      s("title", {}, `${both(town.name)} \u2192 ${both(item.name)}: ${tonnes(value)}`)));
  }
  const nodes = [];
  const points = [];
  for (const item of used) {
    const at = placed.get(item.id);
    if (!at) continue;
    const text = `${both(item.name)}, ${nameOf("technology", item.technology)}: ${tonnes(mass.get(item.id))}`;
    nodes.push(s("g", { role: "img", "aria-label": text, class: "spot" }, groupSign(groupOf(item), at[0], at[1], 6), s("title", {}, text)));
  }
  for (const place of data.places) {
    if (!place.at) continue;
    const [x, y] = to(place.at), mine = place.id === chosen.place;
    points.push([x, y, both(place.name), mine ? "bold" : "", place.people || 0]);
    const node = s("g", { role: "button", "aria-label": `${both(place.name)}. ${word(mine ? "chosen_town" : "choose_town")}`, "aria-pressed": String(mine), class: "spot town-spot" },
      s("circle", { cx: x, cy: y, r: mine ? 7 : 4.5, class: mine ? "mine" : "dot" }), s("title", {}, both(place.name)));
    const act = () => choosePlace(mine ? "" : place.id);
    node.addEventListener("click", act);
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); }
    });
    nodes.push(node);
  }
  const spotsGroup = s("g", {}, nodes);
  roving(spotsGroup, nodes, (at, key) => nodes[key === "Home" ? 0 : key === "End" ? nodes.length - 1 : at + (key === "ArrowRight" || key === "ArrowDown" ? 1 : -1)]);
  points.sort((a, b) => b[3].length - a[3].length || b[4] - a[4]);
  const largest = used.filter((item) => placed.has(item.id)).sort((a, b) => mass.get(b.id) - mass.get(a.id)).slice(0, NAMED);
  points.push(...largest.map((item) => [...placed.get(item.id), both(item.name), "plant"]));
  picture.append(bands, spotsGroup, s("g", { "aria-hidden": "true" }, labels(points, placed.values())), ruler(perKm));
  const groups = GROUPS.concat("other").filter((group) => used.some((item) => groupOf(item) === group));
  const legend = h("ul", { class: "legend" },
    h("li", {}, s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, s("circle", { cx: 8, cy: 8, r: 4.5, class: "dot" })), word("town")),
    groups.map((group) => h("li", {}, s("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, groupSign(group, 8, 8, 6)), groupName(group))));
  const outside = used.filter((item) => {
    const at = placed.get(item.id);
    return !at || at[0] < 0 || at[1] < 0 || at[0] > MAP.width || at[1] > MAP.height;
  });
  const cut = drawn.length < flows.length ? h("p", { class: "note" }, word("map_cut", { share: percent(share, 0), least: tonnes(least) })) : null;
  const note = outside.length ? h("p", { class: "note" }, word("off_map", { names: outside.map((item) => both(item.name)).join("; ") })) : null;
  return h("div", {}, mapButtons(), h("div", { class: "wide", tabindex: "0", role: "group", "aria-label": word("map_title") }, picture), legend, cut, note, figures("map", twin));
}

/** A scale: a round number of kilometres. */
function ruler(perKm) {
  const km = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((value) => value * perKm > 60) || 1000;
  const y = MAP.height - 16;
  return s("g", { "aria-hidden": "true" },
    s("path", { d: `M16 ${y - 5}V${y}H${16 + km * perKm}V${y - 5}`, class: "ruler" }),
    s("text", { x: 16 + (km * perKm) / 2, y: y - 7, "text-anchor": "middle", class: "axis" }, `${km} km`));
}

function mapButtons() {
  const button = (key, act) => h("button", { type: "button", id: `map-${key}`, onclick: () => {
    act();
    draw("map");
    document.getElementById(`map-${key}`).focus();
    announce(word(`map_${key}`));
  } }, word(`map_${key}`));
  const move = (x, y) => () => { mapView.shift = [mapView.shift[0] + x, mapView.shift[1] + y]; };
  const zoom = (factor) => () => {
    mapView.zoom *= factor;
    mapView.shift = mapView.shift.map((value) => value * factor);
  };
  const reset = (near) => () => Object.assign(mapView, { near, zoom: 1, shift: [0, 0] });
  return h("div", { class: "buttons", role: "group", "aria-label": word("map_buttons") },
    button("in", zoom(1.5)), button("out", zoom(1 / 1.5)), button("left", move(120, 0)), button("right", move(-120, 0)),
    button("up", move(0, 120)), button("down", move(0, -120)), button("near", reset(true)), button("all", reset(false)));
}
