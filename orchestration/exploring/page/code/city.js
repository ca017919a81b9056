/* A city: what it is, its series, indices, obstacles, peers, policies, regimes and changes.

   Belongs here: the page of one city. Does not belong here: several cities (compare.js, ranking.js). */
"use strict";

(() => {
  const { base, load } = citypanel.parts;
  const { el, address, choice, download } = citypanel.dom;
  const { say, code, either, cityName, subjectName, unit, group, number, chinese } = citypanel.words;
  const { table, charts, cell } = citypanel;

  async function show(choices, go) {
    const city = base.city.get(choices.code);
    if (!city) return [el("h1", {}, say("no_city", { name: choices.code ?? "" })), citypanel.search.box(say("find_city"), (found) => go("city", { code: found }))];
    const head = [
      el("h1", {}, either(city), " ", el("span", { class: "soft" }, chinese() ? city.en : city.zh)),
      el("p", { class: "facts-line" }, [city.code, chinese() ? city.province_zh : city.province ?? city.province_zh, code("level", city.level), code("region", city.region)].filter(Boolean).join(" · ")),
    ];
    if (!city.has) return [...head, el("p", {}, say("no_figures_of", { name: either(city) }))];
    const told = await load("city/" + city.code);
    return [...head, contents(told), ...series(city, told, choices, go), ...indices(city, told, choices, go), ...obstacles(told, choices, go),
      ...peers(city, told), ...policies(told), ...regimes(told), ...events(told)];
  }

  function contents(told) {
    const parts = [["figures", told.figures], ["indices", told.scores], ["obstacles", told.obstacles], ["peers", told.standing],
      ["policies", told.policies], ["regimes", told.regimes], ["events", told.events]].filter(([, has]) => has);
    return el("nav", { class: "parts", "aria-label": say("on_this_page") }, parts.map(([id]) =>
      el("button", { type: "button", onclick: () => document.getElementById(id).scrollIntoView() }, say(id))));
  }

  const years = (one) => (one.y.length > 1 ? `${one.y[0]}–${one.y.at(-1)}` : String(one.y[0]));

  function series(city, told, choices, go) {
    const all = told.figures ?? [];
    if (!all.length) return [];
    const chosen = all.find((one) => one.s === choices.figure) ?? all.find((one) => one.s === "gdp") ?? all[0];
    const known = base.subject.get(chosen.s) ?? {};
    const rows = chosen.y.map((year, i) => ({ year, value: chosen.v[i], kind: chosen.k[i], series: subjectName(chosen.s), i }));
    const latest = all.map((one) => ({ one, known: base.subject.get(one.s) ?? {}, year: one.y.at(-1), value: one.v.at(-1), kind: one.k.at(-1) }));
    const options = latest.map(({ one, known: its }) => ({ value: one.s, text: subjectName(one.s), group: code("dimension", its.dimension) }))
      .sort((a, b) => a.group.localeCompare(b.group) || a.text.localeCompare(b.text));
    return [
      el("h2", { id: "figures" }, say("figures")),
      choice(say("indicator"), options, chosen.s, (value) => go("city", { ...choices, figure: value })),
      known.definition ? el("p", { class: "soft", lang: "en" }, known.definition) : null,
      charts.lines(`${subjectName(chosen.s)}, ${cityName(city.code)} (${unit(known)})`, rows, [subjectName(chosen.s)], unit(known)),
      el("p", { class: "key" }, say("hollow")),
      table(`${subjectName(chosen.s)} (${unit(known)})`, [
        { title: say("year"), value: (row) => row.year, up: true },
        { title: say("value"), value: (row) => row.value, show: (row) => cell.link(city.code, chosen.s, row.year, row.value), numeric: true },
        { title: say("how"), value: (row) => code("kind", row.kind) },
        { title: say("address"), value: (row) => chosen.a[row.i] ?? "" },
        { title: say("text"), value: (row) => chosen.t[row.i] ?? "" },
        { title: say("flags"), value: (row) => flags(chosen, row.year) },
      ], rows, { sorted: 0, down: true }),
      download(`${city.code}_${chosen.s}`, () => ({
        header: ["city_code", "city_name", "year", "indicator", "value", "unit", "value_kind", "cell_address", "cell_text"],
        rows: rows.map((row) => [city.code, city.zh, row.year, chosen.s, row.value, known.unit, code("kind", row.kind), chosen.a[row.i], chosen.t[row.i]]),
      })), " ",
      el("a", { href: address("compare", { subject: chosen.s, cities: city.code }) }, say("compare_with")), " · ",
      el("a", { href: address("ranking", { subject: chosen.s }) }, say("ranking")), " · ",
      el("a", { href: address("map", { subject: chosen.s }) }, say("map")),
      el("details", {}, el("summary", {}, say("all_latest", { n: latest.length })),
        table(say("all_latest", { n: latest.length }), [
          { title: say("indicator"), value: ({ one }) => subjectName(one.s), show: ({ one }) => el("a", { href: address("city", { ...choices, figure: one.s }) }, subjectName(one.s)) },
          { title: say("field"), value: ({ known: its }) => code("dimension", its.dimension) },
          { title: say("year"), value: ({ year }) => year, up: true },
          { title: say("value"), value: ({ value }) => value, show: ({ one, year, value }) => cell.link(city.code, one.s, year, value), numeric: true },
          { title: say("unit"), value: ({ known: its }) => unit(its) },
          { title: say("how"), value: ({ kind }) => code("kind", kind) },
          { title: say("years"), value: ({ one }) => years(one) },
        ], latest, { sorted: 1 }),
        download(`${city.code}_all`, () => ({
          header: ["city_code", "city_name", "year", "indicator", "value", "unit", "value_kind", "cell_address", "cell_text"],
          rows: all.flatMap((one) => one.y.map((year, i) => [city.code, city.zh, year, one.s, one.v[i], base.subject.get(one.s)?.unit, code("kind", one.k[i]), one.a[i], one.t[i]])),
        }))),
    ].filter(Boolean);
  }

  function flags(one, year) {
    const remark = (one.x ?? []).find((other) => other.year === year);
    if (!remark) return "";
    return [remark.fill && say("filled"), remark.correction && say("corrected"), remark.merged && say("merged"),
      remark.flags && code("flag", remark.flags), remark.suspect && say("suspect")].filter(Boolean).join(say("comma"));
  }

  function indices(city, told, choices, go) {
    const place = new Map(base.subjects.map((subject, i) => [subject.id, i]));
    const wholes = (told.scores ?? []).filter((one) => !one.s.includes(".")).sort((a, b) => place.get(a.s) - place.get(b.s));
    if (!wholes.length) return [];
    const chosen = wholes.find((one) => one.s === choices.index) ?? wholes[0];
    const known = base.subject.get(chosen.s) ?? {};
    const parts = (told.scores ?? []).filter((one) => one.s.startsWith((known.index ?? "?") + "."));
    const cities = [chosen, ...parts];
    const named = (one) => (one === chosen ? say("whole") : code("dimension", base.subject.get(one.s)?.dimension));
    const rows = cities.flatMap((one) => one.y.map((year, i) => ({ series: named(one), year, value: one.v[i], kind: one.k[i] })));
    const byYear = chosen.y.map((year, i) => ({ year, value: chosen.v[i], rank: chosen.n[i], kind: chosen.k[i], parts: parts.map((one) => one.v[one.y.indexOf(year)] ?? null) }));
    return [
      el("h2", { id: "indices" }, say("indices")),
      choice(say("index"), wholes.map((one) => ({ value: one.s, text: subjectName(one.s) })), chosen.s, (value) => go("city", { ...choices, index: value })),
      known.definition ? el("p", { class: "soft", lang: "en" }, known.definition) : null,
      charts.lines(`${subjectName(chosen.s)}, ${cityName(city.code)}`, rows, cities.map(named), say("score")),
      table(subjectName(chosen.s), [
        { title: say("year"), value: (row) => row.year, up: true },
        { title: say("score"), value: (row) => row.value, show: (row) => cell.link(city.code, chosen.s, row.year, row.value), numeric: true },
        { title: say("rank"), value: (row) => row.rank, show: (row) => (row.rank === null ? "–" : String(row.rank)), numeric: true, up: true },
        ...parts.map((one, j) => ({ title: named(one), value: (row) => row.parts[j], numeric: true })),
        { title: say("how"), value: (row) => code("kind", row.kind.toLowerCase()) },
      ], byYear, { sorted: 0, down: true }),
      download(`${city.code}_${chosen.s}`, () => ({
        header: ["city_code", "city_name", "year", "index", "score", "rank", ...parts.map((one) => one.s)],
        rows: byYear.map((row) => [city.code, city.zh, row.year, chosen.s, row.value, row.rank, ...row.parts]),
      })), " ", el("a", { href: address("ranking", { subject: chosen.s }) }, say("ranking")), " · ",
      el("a", { href: address("map", { subject: chosen.s }) }, say("map")),
    ].filter(Boolean);
  }

  function obstacles(told, choices, go) {
    const all = told.obstacles ?? [];
    if (!all.length) return [];
    const ids = [...new Set(all.map((one) => one.i))];
    const chosen = ids.includes(choices.obstacles) ? choices.obstacles : ids[0];
    const own = all.filter((one) => one.i === chosen);
    const years_ = [...new Set(own.flatMap((one) => one.y))].sort((a, b) => b - a);
    const year = years_.includes(Number(choices.obstacles_year)) ? Number(choices.obstacles_year) : years_[0];
    const rows = own.map((one) => ({ one, at: one.y.indexOf(year) })).filter(({ at }) => at >= 0)
      .map(({ one, at }) => ({ s: one.s, d: one.d, name: subjectName(one.s), value: one.v[at], rank: one.n[at] })).sort((a, b) => a.rank - b.rank);
    return [
      el("h2", { id: "obstacles" }, say("obstacles")), el("p", { class: "soft" }, say("obstacles_are")),
      choice(say("index"), ids.map((id) => ({ value: id, text: subjectName("index_" + id) })), chosen, (value) => go("city", { ...choices, obstacles: value })),
      choice(say("year"), years_.map((one) => ({ value: one, text: String(one) })), year, (value) => go("city", { ...choices, obstacles_year: value })),
      charts.bars(say("obstacles_largest", { year }), rows.slice(0, 8), say("degree")),
      table(say("obstacles"), [
        { title: say("rank"), value: (row) => row.rank, up: true },
        { title: say("indicator"), value: (row) => row.name, show: (row) => el("a", { href: address("city", { ...choices, figure: row.s }) }, row.name) },
        { title: say("dimension"), value: (row) => code("dimension", row.d) },
        { title: say("degree"), value: (row) => row.value, numeric: true },
      ], rows, { sorted: 0 }),
    ];
  }

  function peers(city, told) {
    const all = told.standing ?? [];
    if (!all.length) return [];
    const subjects = [...new Set(all.map((row) => row.s))];
    const latest = subjects.map((subject) => all.filter((row) => row.s === subject).at(-1));
    const name = (id) => subjectName(base.comparison.get(id) ?? id);
    const near = (told.neighbours ?? []).filter((row) => latest.some((last) => last.s === row.s && last.y === row.y));
    return [
      el("h2", { id: "peers" }, say("peers")), el("p", { class: "soft" }, say("peers_are")),
      table(say("peers"), [
        { title: say("subject"), value: (row) => name(row.s) },
        { title: say("year"), value: (row) => row.y, up: true },
        { title: say("value"), value: (row) => row.v, numeric: true },
        { title: say("group"), value: (row) => group(row.group) },
        { title: say("rank_in_group"), value: (row) => row.rank, show: (row) => `${row.rank} / ${row.cities}`, numeric: true, up: true },
        { title: say("median"), value: (row) => row.median, numeric: true },
        { title: say("rank_national"), value: (row) => row.national_rank, show: (row) => `${row.national_rank} / ${row.national_cities}`, numeric: true, up: true },
      ], latest),
      near.length ? table(say("neighbours"), [
        { title: say("subject"), value: (row) => name(row.s) },
        { title: say("year"), value: (row) => row.y, up: true },
        { title: say("city"), value: (row) => cityName(row.city), show: (row) => el("a", { href: address("city", { code: row.city }) }, cityName(row.city)) },
        { title: say("value"), value: (row) => row.v, numeric: true },
      ], near) : null,
      download(`${city.code}_peers`, () => ({
        header: ["city_code", "city_name", "subject", "year", "value", "peer_group", "group_rank", "group_cities", "group_median", "national_rank", "national_cities"],
        rows: all.map((row) => [city.code, city.zh, row.s, row.y, row.v, row.group, row.rank, row.cities, row.median, row.national_rank, row.national_cities]),
      })),
    ].filter(Boolean);
  }

  function policies(told) {
    if (!told.policies) return [];
    const listed = (row) => (row.whole ? say("listed_whole") : row.part ? say("listed_part") : row.missing ? say("listed_missing") : say("not_listed"));
    const rules = (row) => (row.rules ?? []).filter((rule) => rule.year !== null)
      .map((rule) => say("rule_year", { coverage: code("coverage", rule.coverage), timing: code("timing", rule.timing), year: rule.year }));
    return [el("h2", { id: "policies" }, say("policies")), table(say("policies"), [
      { title: say("policy"), value: (row) => either(base.policy.get(row.policy) ?? { en: row.policy }) },
      { title: say("listed"), value: listed },
      { title: say("first_year"), value: (row) => rules(row).join("; "), show: (row) => (rules(row).length ? el("ul", {}, rules(row).map((rule) => el("li", {}, rule))) : "–") },
    ], told.policies, { sortable: false })];
  }

  function regimes(told) {
    if (!told.regimes) return [];
    return [el("h2", { id: "regimes" }, say("regimes")), el("p", { class: "soft" }, say("regimes_are")),
      ...told.regimes.map((one) => table(`${one.study.replaceAll("_", " ")}: ${one.design.replaceAll("_", " ")}`, [
        { title: say("year"), value: (row) => row.year, up: true },
        { title: say("threshold_value"), value: (row) => row.value, numeric: true },
        { title: say("regime"), value: (row) => row.regime, show: (row) => say("regime_of", { n: row.regime, all: one.thresholds + 1 }) },
      ], one.y.map((year, i) => ({ year, value: one.v[i], regime: one.regime[i] })), { sorted: 0, down: true, limit: 6 }))];
  }

  function events(told) {
    if (!told.events) return [];
    return [el("h2", { id: "events" }, say("events")), table(say("events"), [
      { title: say("year"), value: (row) => row.y, up: true },
      { title: say("event"), value: (row) => code("event", row.kind) },
      { title: say("from"), value: (row) => row.from },
      { title: say("to"), value: (row) => row.to },
      { title: say("decision"), value: (row) => code("decision", row.decision) },
      { title: say("reason"), value: (row) => row.reason },
    ], told.events, { sorted: 0 })];
  }

  citypanel.city = { show };
})();
