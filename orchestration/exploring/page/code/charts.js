/* Charts, drawn by Observable Plot in the colours of the page.

   Belongs here: lines over years, bars, dots on a map. Does not belong here: the numbers. Every chart stands
   beside a table of what it shows, which is its text for those who can't see it. */
"use strict";

(() => {
  const { el } = citypanel.dom;
  const { say, number } = citypanel.words;

  /* Okabe and Ito (2008), told apart by the colour-blind; the yellow is too light for a line on white. */
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"];
  const DASHES = ["", "6 3", "2 3", "8 3 2 3", "", "6 3", "2 3"];

  const width = (place) => Math.max(300, Math.min(920, place.clientWidth || document.getElementById("main").clientWidth - 8));

  function figure(label, draw) {
    const place = el("div", { class: "plot" });
    const shown = el("figure", { "aria-label": label }, el("figcaption", {}, label), place);
    const again = () => {
      const made = draw(width(shown));
      made.setAttribute("role", "img");
      made.setAttribute("aria-label", label);
      place.replaceChildren(made);
    };
    let last = 0;
    new ResizeObserver(() => {
      const now = width(shown);
      if (now !== last) { last = now; again(); }
    }).observe(shown);
    return shown;
  }

  /* rows: {series, year, value, kind}; series in the order of their names in `names`. */
  function lines(label, rows, names, axis) {
    const drawn = rows.filter((row) => row.value !== null);
    const legend = el("ul", { class: "legend" }, names.map((name, i) =>
      el("li", {}, key(COLOURS[i % COLOURS.length], DASHES[i % DASHES.length]), name)));
    const widest = Math.max(...drawn.map((row) => number(row.value).length), 4);
    const shown = figure(label, (w) => Plot.plot({
      width: w, height: Math.min(360, Math.max(240, w * 0.45)), marginLeft: 18 + 7.2 * widest, marginRight: 18, marginBottom: 34,
      style: { fontSize: "12px" },
      x: { label: null, tickFormat: "d", ticks: Math.min(14, w / 60), interval: 1 },
      y: { label: axis, grid: true, nice: true, tickFormat: (v) => number(v), labelArrow: "none" },
      marks: [
        Plot.lineY(drawn, {
          x: "year", y: "value", z: "series", strokeWidth: 2,
          stroke: (row) => COLOURS[names.indexOf(row.series) % COLOURS.length],
        }),
        Plot.dot(drawn, {
          x: "year", y: "value", r: 3.2,
          stroke: (row) => COLOURS[names.indexOf(row.series) % COLOURS.length],
          fill: (row) => ("im".includes(row.kind.toLowerCase()) ? "var(--paper)" : COLOURS[names.indexOf(row.series) % COLOURS.length]),
        }),
        Plot.tip(drawn, Plot.pointer({
          x: "year", y: "value", fill: "var(--paper)", stroke: "var(--line)",
          title: (row) => `${row.series}\n${row.year}: ${number(row.value)}${row.kind ? "\n" + citypanel.words.code("kind", row.kind.toLowerCase()) : ""}`,
        })),
      ],
    }));
    if (names.length > 1) shown.insertBefore(legend, shown.lastChild);
    dash(shown, names.length);
    return shown;
  }

  /* Lines differ by their dashes too: Plot draws one path per series, in the order of first rows. */
  function dash(shown, count) {
    if (count < 2) return;
    new MutationObserver(() => {
      shown.querySelectorAll("[aria-label=line] path").forEach((path, i) => {
        path.setAttribute("stroke-dasharray", DASHES[COLOURS.indexOf(path.getAttribute("stroke"))] ?? "");
      });
    }).observe(shown.lastChild, { childList: true });
  }

  function key(colour, dashes) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 26 10");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    for (const [name, value] of Object.entries({ x1: 0, x2: 26, y1: 5, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": dashes })) {
      line.setAttribute(name, value);
    }
    svg.append(line);
    return svg;
  }

  /* Points of a chart's width for the names of its bars. */
  const room = (w) => Math.min(330, w * 0.45);

  /* rows: {name, value} largest first. */
  function bars(label, rows, axis) {
    const short = (name, w) => { const most = Math.floor(room(w) / (/[^\u0000-\u02ff]/.test(name) ? 12.5 : 6.6)) - 1; return name.length > most ? name.slice(0, most - 1) + "…" : name; };
    return figure(label, (w) => Plot.plot({
      width: w, marginLeft: room(w), marginTop: 4, height: 44 + rows.length * 26, style: { fontSize: "12px" },
      x: { label: axis, grid: true, tickFormat: (v) => number(v), labelArrow: "none" },
      y: { label: null, domain: rows.map((row) => row.name), tickFormat: (name) => short(name, w) },
      marks: [Plot.barX(rows, { x: "value", y: "name", fill: COLOURS[0] }), Plot.ruleX([0])],
    }));
  }

  /* rows: {name, lon, lat, value, rank}; no borders are drawn. */
  function dots(label, rows, axis, open) {
    const values = rows.map((row) => row.value);
    const steps = [...new Set(d3.ticks(0, 1, 5).slice(1, -1).map((share) => d3.quantile(values, share)))];
    return figure(label, (w) => {
      const made = Plot.plot({
        width: w, height: w * 0.72, margin: 8, style: { fontSize: "12px" },
        projection: { type: "conic-equal-area", parallels: [25, 47], rotate: [-105, 0], domain: { type: "MultiPoint", coordinates: [[74, 39], [134, 48], [110, 18], [123, 53]] } },
        color: { type: "threshold", domain: steps, range: cividis(steps.length + 1), legend: true, width: Math.min(w, 96 * (steps.length + 1)), label: axis, tickFormat: (v) => number(v) },
        marks: [
          Plot.graticule({ stepX: 10, stepY: 10, stroke: "var(--line)", strokeOpacity: 0.5 }),
          Plot.dot([...rows].sort((a, b) => a.value - b.value), {
            x: "lon", y: "lat", r: w < 500 ? 3 : 5, fill: "value", stroke: "var(--ink)", strokeWidth: 0.5, className: "dots",
            ariaLabel: (row) => `${row.name}: ${number(row.value)}`,
          }),
          Plot.tip(rows, Plot.pointer({
            x: "lon", y: "lat", fill: "var(--paper)", stroke: "var(--line)",
            title: (row) => `${row.name}\n${number(row.value)} ${axis}\n${say("rank")} ${row.rank}`,
          })),
        ],
      });
      made.addEventListener("click", () => { if (made.value) open(made.value); });
      return made;
    });
  }

  const cividis = (n) => d3.range(n).map((i) => d3.interpolateCividis(n > 1 ? i / (n - 1) : 1));

  citypanel.charts = { lines, bars, dots, COLOURS };
})();
