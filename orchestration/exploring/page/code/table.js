/* Tables that sort by a click or the Enter key on a heading.

   Belongs here: header, order, rows. Does not belong here: what a table is about. */
"use strict";

(() => {
  const { el } = citypanel.dom;
  const { say, number } = citypanel.words;

  function compare(one, other) {
    if (one === null || one === undefined) return other === null || other === undefined ? 0 : 1;
    if (other === null || other === undefined) return -1;
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), citypanel.words.spoken());
  }

  /* columns: [{title, value: row => number or text, show: row => node or text, numeric}];
     sorted: position of the column by which the rows come ordered, down: whether largest first. */
  function table(caption, columns, rows, { sorted = null, down = false, sortable = true, limit = 0, shown = null } = {}) {
    const body = el("tbody");
    const heads = columns.map((column, i) => {
      if (!sortable) return el("th", { scope: "col", class: column.numeric ? "r" : null }, column.title);
      const order = () => {
        down = sorted === i ? !down : Boolean(column.numeric && !column.up);
        sorted = i;
        fill();
      };
      return el("th", { scope: "col", class: column.numeric ? "r" : null }, el("button", { type: "button", onclick: order }, column.title));
    });
    let open = limit === 0;
    const more = el("button", { type: "button", class: "more", onclick: () => { open = true; fill(); } });

    function fill() {
      const ordered = [...rows];
      if (sortable && sorted !== null) {
        const value = columns[sorted].value;
        ordered.sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          const missing = (v) => v === null || v === undefined;
          return down && !missing(x) && !missing(y) ? compare(y, x) : compare(x, y);
        });
      }
      heads.forEach((head, i) => {
        if (sortable && sorted === i) head.setAttribute("aria-sort", down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      const kept = open ? ordered : ordered.slice(0, limit);
      body.replaceChildren(...kept.map((row) => {
        const cells = columns.map((column, i) => {
          const value = column.show ? column.show(row) : column.value(row);
          const inside = column.numeric && typeof value === "number" ? number(value) : value ?? "–";
          return i === 0
            ? el("th", { scope: "row", class: column.numeric ? "r" : null }, inside)
            : el("td", { class: column.numeric ? "r" : null }, inside);
        });
        return el("tr", shown ? shown(row) : {}, cells);
      }));
      more.hidden = kept.length === ordered.length;
      more.textContent = say("show_all", { n: ordered.length });
    }

    fill();
    return el("div", { class: "table" },
      el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
        el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, heads)), body)),
      more);
  }

  citypanel.table = table;
})();
