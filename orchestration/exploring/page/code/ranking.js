/* All cities by one subject in one year: as a sortable table, and as dots at their places.

   Belongs here: the ranking and the map, which show the same rows. */
"use strict";

(() => {
  const { base, numbers } = citypanel.parts;
  const { el, address, choice, download } = citypanel.dom;
  const { say, code, cityName, subjectName, unit, number, chinese } = citypanel.words;
  const { table, charts, cell } = citypanel;

  /* Rows of a year, largest first, with ranks: equal values share theirs. */
  async function ranked(choices) {
    const subject = citypanel.compare.subjectOf(choices);
    if (!subject) return null;
    const all = await numbers(subject.id);
    const years = [...new Set(all.map((row) => row.year))].sort((a, b) => b - a);
    const year = years.includes(Number(choices.year)) ? Number(choices.year) : years[0];
    const before = new Map(rank(all.filter((row) => row.year === year - 1)).map((row) => [row.city, row.rank]));
    const rows = rank(all.filter((row) => row.year === year)).map((row) => ({ ...row, before: before.get(row.city) ?? null, place: base.city.get(row.city) ?? {} }));
    return { subject, years, year, rows };
  }

  function rank(rows) {
    const ordered = [...rows].sort((a, b) => b.value - a.value || a.city.localeCompare(b.city));
    let at = 0;
    return ordered.map((row, i) => {
      if (i === 0 || row.value !== ordered[i - 1].value) at = i + 1;
      return { ...row, rank: at };
    });
  }

  const choosers = (view, { subject, years, year }, go) => el("div", { class: "choices" },
    citypanel.compare.subjectChoice(subject, (value) => go(view, { subject: value, year })),
    choice(say("year"), years.map((one) => ({ value: one, text: String(one) })), year, (value) => go(view, { subject: subject.id, year: value })));

  const province = (row) => (chinese() ? row.place.province_zh : row.place.province ?? row.place.province_zh);

  function listed({ subject, year, rows }, limit) {
    return table(`${subjectName(subject.id)}, ${year} (${unit(subject)})`, [
      { title: say("rank"), value: (row) => row.rank, show: (row) => String(row.rank), up: true },
      { title: say("city"), value: (row) => cityName(row.city), show: (row) => el("a", { href: address("city", subject.kind === "indicator" ? { code: row.city, figure: subject.id } : { code: row.city, index: subject.id }) }, cityName(row.city)) },
      { title: say("province"), value: province },
      { title: say("region"), value: (row) => code("region", row.place.region) },
      { title: say("value"), value: (row) => row.value, show: (row) => cell.link(row.city, subject.id, year, row.value), numeric: true },
      { title: say("ranks_gained"), value: (row) => (row.before === null ? null : row.before - row.rank), show: (row) => (row.before === null ? "–" : signed(row.before - row.rank)), numeric: true },
      { title: say("how"), value: (row) => code("kind", row.kind.toLowerCase()) },
    ], rows, { sorted: 0, limit, shown: (row) => ({ "data-city": row.city }) });
  }

  const signed = (value) => (value > 0 ? "+" + value : value < 0 ? "−" + -value : "0");

  const saved = ({ subject, year, rows }) => download(`ranking_${subject.id}_${year}`, () => ({
    header: ["rank", "city_code", "city_name", "province", "year", "subject", "value", "unit", "value_kind", "longitude", "latitude"],
    rows: rows.map((row) => [row.rank, row.city, row.place.zh, row.place.province_zh, year, subject.id, row.value, subject.unit, code("kind", row.kind.toLowerCase()), row.place.lon, row.place.lat]),
  }));

  async function show(choices, go) {
    const found = await ranked(choices);
    if (!found) return [el("h1", {}, say("ranking")), el("p", {}, say("nothing"))];
    return [el("h1", {}, say("ranking")), choosers("ranking", found, go),
      found.subject.definition ? el("p", { class: "soft", lang: "en" }, found.subject.definition) : null,
      el("p", { class: "soft" }, say("ranking_is", { n: found.rows.length })), listed(found, 50), saved(found), " ",
      el("a", { href: address("map", { subject: found.subject.id, year: found.year }) }, say("map"))].filter(Boolean);
  }

  async function map(choices, go) {
    const found = await ranked(choices);
    if (!found) return [el("h1", {}, say("map")), el("p", {}, say("nothing"))];
    const { subject, year, rows } = found;
    const placed = rows.filter((row) => Number.isFinite(row.place.lon) && Number.isFinite(row.place.lat))
      .map((row) => ({ name: cityName(row.city), lon: row.place.lon, lat: row.place.lat, value: row.value, rank: row.rank, city: row.city }));
    return [el("h1", {}, say("map")), choosers("map", found, go),
      placed.length ? charts.dots(`${subjectName(subject.id)}, ${year} (${unit(subject)})`, placed, unit(subject), (row) => go("city", { code: row.city })) : null,
      el("p", { class: "soft" }, say("map_is", { n: placed.length, without: rows.length - placed.length })),
      listed(found, 10), saved(found), " ",
      el("a", { href: address("ranking", { subject: subject.id, year }) }, say("ranking"))].filter(Boolean);
  }

  citypanel.ranking = { show, map };
})();
