/* Any subject over the years for chosen cities.

   Belongs here: the view of several series side by side, and the choice of a subject. */
"use strict";

(() => {
  const { base, numbers } = citypanel.parts;
  const { el, address, choice, download } = citypanel.dom;
  const { say, code, cityName, subjectName, unit } = citypanel.words;
  const { table, charts, cell } = citypanel;
  const MOST = 7;

  /* The subject of the address; else the first index, else the product, else the first. */
  function subjectOf(choices) {
    return base.subject.get(choices.subject) ?? base.subjects.find((one) => one.kind === "index") ?? base.subject.get("gdp") ?? base.subjects[0];
  }

  function subjectChoice(chosen, change) {
    const grouped = (one) => (one.kind === "indicator" ? code("dimension", one.dimension) : say("kind_" + one.kind));
    return choice(say("subject"), base.subjects.map((one) => ({ value: one.id, text: subjectName(one.id), group: grouped(one) })), chosen.id, change);
  }

  async function show(choices, go) {
    const subject = subjectOf(choices);
    if (!subject) return [el("h1", {}, say("compare")), el("p", {}, say("nothing"))];
    const rows = await numbers(subject.id);
    const last = d3.max(rows, (row) => row.year);
    const asked = (choices.cities ?? "").split(",").filter((one) => base.city.has(one));
    const cities = (asked.length || choices.cities !== undefined ? asked
      : rows.filter((row) => row.year === last).sort((a, b) => b.value - a.value).slice(0, 3).map((row) => row.city)).slice(0, MOST);
    const own = rows.filter((row) => cities.includes(row.city)).map((row) => ({ ...row, series: cityName(row.city) }));
    const years = [...new Set(own.map((row) => row.year))].sort((a, b) => b - a);
    const at = new Map(own.map((row) => [row.city + row.year, row]));
    const keep = (list) => go("compare", { subject: subject.id, cities: list.join(",") || "none" });
    return [
      el("h1", {}, say("compare")),
      subjectChoice(subject, (value) => go("compare", { subject: value, cities: cities.join(",") })),
      subject.definition ? el("p", { class: "soft", lang: "en" }, subject.definition) : null,
      cities.length < MOST ? citypanel.search.box(say("add_city"), (found) => keep([...new Set([...cities, found])])) : el("p", { class: "soft" }, say("most", { n: MOST })),
      el("ul", { class: "chips" }, cities.map((one) => el("li", {}, el("a", { href: address("city", { code: one }) }, cityName(one)),
        el("button", { type: "button", "aria-label": say("remove", { name: cityName(one) }), onclick: () => keep(cities.filter((other) => other !== one)) }, "×")))),
      own.length ? charts.lines(`${subjectName(subject.id)} (${unit(subject)})`, own, cities.map(cityName), unit(subject)) : el("p", {}, say("choose_cities")),
      own.length ? el("p", { class: "key" }, say("hollow")) : null,
      own.length ? table(`${subjectName(subject.id)} (${unit(subject)})`, [
        { title: say("year"), value: (year) => year, up: true },
        ...cities.map((one) => ({
          title: cityName(one), numeric: true, value: (year) => at.get(one + year)?.value ?? null,
          show: (year) => (at.has(one + year) ? cell.link(one, subject.id, year, at.get(one + year).value) : "–"),
        })),
      ], years, { sorted: 0, down: true }) : null,
      own.length ? download(`compare_${subject.id}`, () => ({
        header: ["city_code", "city_name", "year", "subject", "value", "unit", "value_kind"],
        rows: own.map((row) => [row.city, base.city.get(row.city)?.zh, row.year, subject.id, row.value, subject.unit, code("kind", row.kind.toLowerCase())]),
      })) : null,
    ].filter(Boolean);
  }

  citypanel.compare = { show, subjectOf, subjectChoice };
})();
