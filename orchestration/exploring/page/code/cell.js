/* Where a number is from: its cell on the page of a yearbook, or the numbers that it was made of.

   Belongs here: the dialog of one number of a city. Does not belong here: whole series (city.js). */
"use strict";

(() => {
  const { base, load } = citypanel.parts;
  const { el } = citypanel.dom;
  const { say, code, cityName, subjectName, unit, number } = citypanel.words;

  const entry = (name, value) => (value === null || value === undefined || value === "" ? [] : [el("dt", {}, name), el("dd", {}, value)]);

  /* The position of a year in the series of a subject, or -1. */
  function find(city, subject, year) {
    const series = (city.figures ?? []).find((one) => one.s === subject);
    return { series, i: series ? series.y.indexOf(year) : -1 };
  }

  async function open(cityCode, subject, year) {
    const dialog = document.getElementById("cell");
    const city = await load("city/" + cityCode);
    const { series, i } = find(city, subject, year);
    const known = base.subject.get(subject) ?? { unit: null };
    const close = el("button", { type: "button", class: "close", "aria-label": say("close"), onclick: () => dialog.close() }, "×");
    const title = el("h2", { id: "cell-title" }, `${cityName(cityCode)}, ${year}: ${subjectName(subject)}`);
    let inside;
    if (i < 0) inside = await scored(city, cityCode, subject, year);
    else inside = [
      el("p", { class: "figure" }, String(series.v[i]), " ", unit(known), " ", el("span", { class: "tag" }, code("kind", series.k[i]))),
      ...(await source(series, i)),
      ...made(city, cityCode, series, i, known),
      ...remarks(series, year),
      el("p", { class: "soft" }, say("trace"), " ", el("code", {}, `citypanel trace ${cityCode} ${year} ${subject}`)),
    ];
    dialog.replaceChildren(close, title, ...(base.simulated ? [el("p", { class: "tag" }, say("simulated_short"))] : []), ...inside);
    if (!dialog.open) dialog.showModal();
    close.focus();
  }

  async function source(series, i) {
    if (series.p[i] === null) return [];
    const place = (await load("places"))[series.p[i]];
    return [el("dl", { class: "facts source" },
      entry(say("file"), place.path), entry(say("sheet"), place.sheet), entry(say("address"), series.a[i]),
      entry(say("text"), el("q", {}, series.t[i] ?? "")), entry(say("heading"), place.heading),
      entry(say("unit_printed"), place.unit), entry(say("factor"), place.factor === 1 ? null : place.factor),
      entry(say("source"), place.source), entry(say("edition"), place.edition))];
  }

  /* The numbers of the same city that one was made of: [{role, times, subject, year, value}]. */
  function inputs(city, subject, year) {
    const scope = base.subject.get(subject)?.scope === "districts" ? "_districts" : "";
    const indicator = scope ? subject.slice(0, -scope.length) : subject;
    const found = [];
    const take = (role, times, input, of) => {
      const { series, i } = find(city, input, of);
      if (i >= 0) found.push({ role, times, subject: input, year: of, value: series.v[i] });
    };
    for (const rule of base.rules.filter((one) => one.s === indicator)) {
      take(rule.role, rule.times, rule.role === "nominal" ? rule.input + scope : rule.input, year);
      if (rule.role === "nominal") steps(city, year, rule.base).forEach(([input, of]) => take("deflator", 1, input, of));
    }
    return found;
  }

  /* What the price level between a year and the base year was made of, each once. */
  function steps(city, year, from) {
    const needed = new Map();
    (city.deflators?.y ?? []).forEach((step, i) => {
      if (step <= Math.min(year, from) || step > Math.max(year, from)) return;
      const method = city.deflators.m[i];
      const levels = method === "gdp_deflator" ? method : "gdp";
      for (const one of [[method, step], [levels, step - 1], [levels, step]]) needed.set(one.join(), one);
    });
    return [...needed.values()];
  }

  function made(city, cityCode, series, i, known) {
    if (series.k[i] !== "d") return [];
    const parts = inputs(city, series.s, series.y[i]);
    if (!parts.length) return [];
    const rows = parts.map(({ role, times, subject, year, value }) => el("li", {}, code("role", role), ": ",
      el("button", { type: "button", class: "number", onclick: () => open(cityCode, subject, year) }, `${subjectName(subject)}, ${year}: ${number(value)}`),
      ` ${unit(base.subject.get(subject) ?? {})}`, times === 1 ? "" : ` × ${times}`));
    return [el("h3", {}, say("made_of")), known.formula && el("p", {}, el("code", {}, known.formula)),
      el("ul", { class: "inputs" }, rows), parts.some((part) => part.role === "city") && el("p", {}, say("others"))].filter(Boolean);
  }

  function remarks(series, year) {
    const remark = (series.x ?? []).find((one) => one.year === year);
    if (!remark) return [];
    return [el("dl", { class: "facts" },
      entry(say("filled"), remark.fill && say("filled_between", { how: code("fill", remark.fill), before: remark.before ?? "–", after: remark.after ?? "–" })),
      entry(say("corrected"), remark.correction && `${remark.correction} (${remark.correction_source ?? ""})`),
      entry(say("printed_value"), remark.correction ? remark.published : null),
      entry(say("merged"), remark.merged), entry(say("flags"), remark.flags), entry(say("suspect"), remark.suspect))];
  }

  /* A score has no cell of its own: its components have. */
  async function scored(city, cityCode, subject, year) {
    const known = base.subject.get(subject);
    const of = base.components.filter((one) => known && one.index === known.index && (known.kind === "index" || one.d === known.dimension));
    const series = (city.scores ?? []).find((one) => one.s === subject);
    const i = series ? series.y.indexOf(year) : -1;
    return [
      el("p", { class: "figure" }, i < 0 ? "–" : String(series.v[i]), " ", i < 0 ? "" : el("span", { class: "tag" }, code("kind", series.k[i].toLowerCase()))),
      known?.definition ? el("p", {}, known.definition) : null,
      of.length ? el("h3", {}, say("made_of")) : null,
      el("ul", { class: "inputs" }, of.map((one) => {
        const found = find(city, one.s, year);
        return el("li", {}, code("dimension", one.d), ": ", el("button", {
          type: "button", class: "number", disabled: found.i < 0, onclick: () => open(cityCode, one.s, year),
        }, `${subjectName(one.s)}: ${number(found.i < 0 ? null : found.series.v[found.i])}`), ` ${unit(base.subject.get(one.s) ?? {})}`);
      })),
    ].filter(Boolean);
  }

  /* A number that opens its source. */
  function link(cityCode, subject, year, value) {
    return el("button", { type: "button", class: "number", "aria-haspopup": "dialog", onclick: () => open(cityCode, subject, year) }, number(value));
  }

  citypanel.cell = { open, link, inputs };
})();
