/* Elements. Texts become text nodes and attributes, never markup: no name of a city can run.

   Belongs here: making elements, links and files to download. Does not belong here: tables (table.js). */
"use strict";

(() => {
  const { say } = citypanel.words;

  /* el("p", {class: "x", onclick: f}, "text", node, ...) */
  function el(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") made.addEventListener(key.slice(2), value);
      else made.setAttribute(key, value === true ? "" : String(value));
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  }

  /* An address of the page: views and their choices are in its hash, so that it can be kept and sent. */
  function address(view, choices = {}) {
    const query = new URLSearchParams(Object.entries(choices).filter(([, value]) => value !== null && value !== undefined && value !== ""));
    return "#/" + view + (query.size ? "?" + query : "");
  }

  function choice(label, options, chosen, change) {
    const select = el("select", { onchange: () => change(select.value) });
    const groups = new Map();
    for (const option of options) {
      const made = el("option", { value: option.value, selected: String(option.value) === String(chosen) }, option.text);
      if (!option.group) select.append(made);
      else {
        if (!groups.has(option.group)) {
          groups.set(option.group, el("optgroup", { label: option.group }));
          select.append(groups.get(option.group));
        }
        groups.get(option.group).append(made);
      }
    }
    return el("label", { class: "choice" }, el("span", {}, label), select);
  }

  /* A text that a spreadsheet would take for a formula gets an apostrophe before it. */
  function field(value) {
    if (value === null || value === undefined) return "";
    let text = String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text))) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  }

  function csv(header, rows) {
    return "\ufeff" + [header, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
  }

  /* A button that saves what is shown, whole numbers and with where it is from. */
  function download(name, made) {
    const save = () => {
      const { header, rows } = made();
      const { release } = citypanel.parts.base;
      const told = [...header, "release", "data_kind"];
      const blob = new Blob([csv(told, rows.map((row) => [...row, release.vintage, release.kind]))], { type: "text/csv;charset=utf-8" });
      const link = el("a", { href: URL.createObjectURL(blob), download: name.replace(/[^\w.-]+/g, "_") + ".csv" });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    };
    return el("button", { type: "button", class: "save", onclick: save }, say("download"));
  }

  citypanel.dom = { el, address, choice, csv, download };
})();
