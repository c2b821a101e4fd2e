// Tables: every figure of the page is one too, and a table can be read by row and column heads.

/** A table that scrolls by itself where it is wider than the page. */
function table(given) {
  const styleOf = (row, column) =>
    given.styles && given.styled.includes(column) ? given.styles[row] : given.columns[column][1];
  const numeric = given.columns.map(([, style], column) => style !== "text" || (given.styled || []).includes(column));
  const head = h("tr", {}, given.columns.map(([label], column) => h("th", { scope: "col", class: numeric[column] ? "n" : null }, label)));
  const lines = given.lines.map((line, row) =>
    h("tr", {}, line.map((value, column) =>
      h(column === 0 ? "th" : "td", { scope: column === 0 ? "row" : null, class: numeric[column] ? "n" : null },
        value instanceof Node ? value : cell(value, styleOf(row, column))))));
  const foot = given.total
    ? h("tfoot", {}, h("tr", {}, given.total.map((value, column) =>
        h(column === 0 ? "th" : "td", { scope: column === 0 ? "row" : null, class: numeric[column] ? "n" : null },
          cell(value, given.columns[column][1])))))
    : null;
  const wide = h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": given.caption },
    h("table", {}, h("caption", {}, given.caption), h("thead", {}, head), h("tbody", {}, lines), foot));
  if (!given.lines.length) return h("p", {}, given.empty || word("nothing"));
  return given.note ? h("div", {}, wide, h("p", { class: "note" }, given.note)) : wide;
}

/** Figures of a picture, closed until somebody wants them; ``key`` keeps it open when the page is drawn anew. */
const opened = new Set();
function figures(key, content, label = word("as_table")) {
  const box = h("details", { open: opened.has(key) }, h("summary", {}, label), content);
  box.addEventListener("toggle", () => (box.open ? opened.add(key) : opened.delete(key)));
  return box;
}

/** A sheet of a workbook: sentence, lead, tables. */
function sheetTables(sheet, keys) {
  return sheet.tables.filter((item) => !keys || keys.includes(item.key)).map(table);
}
