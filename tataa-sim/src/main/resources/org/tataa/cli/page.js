const data = JSON.parse(document.getElementById("data").textContent);
const number = (x, digits = 0) => x == null ? "" : x.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = x => number(100 * x, 1) + " %";
function table(id, heads, rows) {
  const target = document.getElementById(id);
  const head = target.createTHead().insertRow();
  for (const [text, isText] of heads) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    if (isText) cell.className = "text";
    head.appendChild(cell);
  }
  const body = target.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value, i) => {
      const cell = document.createElement(i ? "td" : "th");
      if (!i) cell.scope = "row";
      cell.textContent = value;
      if (heads[i][1]) cell.className = "text";
      line.appendChild(cell);
    });
  }
  target.createCaption().textContent = target.closest("details")?.querySelector("summary").textContent
    ?? target.closest("section").querySelector("h2").textContent;
}
function palette() {
  const style = getComputedStyle(document.documentElement);
  const value = name => style.getPropertyValue(name).trim();
  return { ink: value("--dim"), line: value("--line"), accent: value("--accent"), second: value("--second") };
}
