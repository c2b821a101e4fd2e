// The page itself: head, choices, sections, and what is drawn anew when something is chosen.

const SECTIONS = [
  ["answer", answerSection],
  ...(data.infeasible ? [["obstacles", obstaclesSection]] : []),
  ["targets", targetsSection],
  ["flows", flowsSection],
  ["map", mapSection],
  ["schemes", schemesSection],
  ["facilities", facilitiesSection],
  ["costs", costsSection],
  ["climate", climateSection],
  ...(data.choices ? [["choices", choicesSection]] : []),
  ...(data.sweep ? [["sweep", sweepSection]] : []),
  ["method", methodSection],
];
const OF_ALL = new Set(["obstacles", "choices", "sweep", "method"]);
const OF_PLACE = new Set(["schemes", "answer"]);

/** Draw a section anew. */
function draw(id) {
  const [, make] = SECTIONS.find((section) => section[0] === id);
  const section = document.getElementById(id);
  const heading = h("h2", { id: `${id}-head` }, word(`${id}_title`));
  const place = OF_ALL.has(id) ? "" : h("p", { class: "where" }, OF_PLACE.has(id) ? placeName(chosen.place) : `${placeName(chosen.place)}, ${stateName(chosen.at)}`);
  section.replaceChildren(heading, ...[place, make()].flat(Infinity).filter((item) => item));
}

function drawAll() {
  document.documentElement.lang = chosen.lang;
  document.title = both(data.title);
  document.getElementById("skip").textContent = word("skip");
  document.getElementById("title").textContent = both(data.title);
  document.getElementById("foot").textContent = word("foot");
  drawChoices();
  const nav = document.getElementById("nav");
  nav.setAttribute("aria-label", word("contents"));
  nav.replaceChildren(h("ul", {}, SECTIONS.map(([id]) => h("li", {}, h("a", { href: `#${id}` }, word(`${id}_title`))))));
  SECTIONS.forEach(([id]) => draw(id));
}

function drawChoices() {
  const place = h("select", { id: "place", onchange: (event) => choosePlace(event.target.value) },
    h("option", { value: "", selected: chosen.place === "" }, both(data.region)),
    data.places.map((item) => h("option", { value: item.id, selected: chosen.place === item.id }, both(item.name))));
  const state = h("select", { id: "state", onchange: (event) => chooseState(Number(event.target.value)) },
    ["today", "plan", "reference"].map((variant) => {
      const states = statesOf(variant);
      return states.length ? h("optgroup", { label: nameOf("variant", variant) }, states.map(([index]) => h("option", { value: index, selected: chosen.at === index }, stateName(index)))) : null;
    }));
  const languages = h("div", { class: "languages", role: "group", "aria-label": word("language") },
    [["da", "Dansk"], ["en", "English"]].map(([id, name]) => h("button", { type: "button", id: `lang-${id}`, lang: id, "aria-pressed": String(chosen.lang === id), onclick: () => chooseLanguage(id) }, name)));
  document.getElementById("choices-bar").replaceChildren(
    h("div", {}, h("label", { for: "place" }, word("place")), place),
    h("div", {}, h("label", { for: "state" }, word("state")), state), languages);
}

function choosePlace(id) {
  const inMap = document.activeElement && document.activeElement.closest("#map");
  chosen.place = id;
  Object.assign(mapView, { zoom: 1, shift: [0, 0] });
  SECTIONS.filter(([name]) => !OF_ALL.has(name)).forEach(([name]) => draw(name));
  document.getElementById("place").value = id;
  if (inMap) document.getElementById("place").focus();
  announce(word("place_chosen", { name: placeName(id) }));
}

function chooseState(index) {
  chosen.at = index;
  SECTIONS.filter(([name]) => !OF_ALL.has(name) && !OF_PLACE.has(name)).forEach(([name]) => draw(name));
  announce(word("state_chosen", { name: stateName(index) }));
}

function chooseLanguage(id) {
  chosen.lang = id;
  drawAll();
  document.getElementById(`lang-${id}`).focus();
  announce(word("language_chosen"));
}

for (const [id] of SECTIONS) {
  document.getElementById("main").append(h("section", { id, "aria-labelledby": `${id}-head` }));
}
drawAll();
