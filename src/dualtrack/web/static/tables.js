// Tables that sort by any column.
import { whenShown } from "./shown.js";

const SCALES = { k: 1e3, M: 1e6, bn: 1e9, tn: 1e12 };

whenShown("table.sortable", (table) => {
  for (const heading of table.tHead?.rows[0].cells ?? []) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.replaceChildren(button);
    button.addEventListener("click", () => sort(table, heading));
  }
});

// Ascending first; a second click turns the order. Rows without a value stay last.
function sort(table, heading) {
  const descending = heading.ariaSort === "ascending";
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  heading.ariaSort = descending ? "descending" : "ascending";
  const order = descending ? -1 : 1;
  const numeric = heading.classList.contains("number");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[heading.cellIndex], numeric) }));
  rows.sort((a, b) => {
    if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
    return order * (numeric ? a.value - b.value : a.value.localeCompare(b.value, "en", { numeric: true }));
  });
  body.append(...rows.map(({ row }) => row));
}

function valueOf(cell, numeric) {
  const text = cell.dataset.value ?? cell.textContent.trim();
  if (!numeric) return text === "" ? null : text;
  // As report/numbers.py writes them: −2.5k, 1,210,000, 41 %.
  const parts = /^([-−]?)([\d.,]+(?:e[+-]?\d+)?)(k|M|bn|tn)?/.exec(text);
  if (!parts) return null;
  return (parts[1] ? -1 : 1) * Number(parts[2].replaceAll(",", "")) * (SCALES[parts[3]] ?? 1);
}
