/* The page: which view its address asks for, the language, what stands on every view.

   Belongs here: beginning, views by name, going from one to the other. */
"use strict";

(() => {
  const { base, begin } = citypanel.parts;
  const { el, address } = citypanel.dom;
  const { speak, say } = citypanel.words;
  const LANGUAGES = { en: "English", zh: "中文" };
  const VIEWS = { city: citypanel.city.show, compare: citypanel.compare.show, ranking: citypanel.ranking.show, map: citypanel.ranking.map };
  const main = document.getElementById("main");
  let showing = 0;

  function asked() {
    const [view, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    return { view: readable(view), choices: Object.fromEntries(new URLSearchParams(query)) };
  }

  function readable(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  function go(view, choices) {
    location.hash = address(view, choices);
  }

  function kept() {
    try { return localStorage.getItem("citypanel-language"); } catch { return null; }
  }

  async function choose(language) {
    try { localStorage.setItem("citypanel-language", language); } catch { /* a page from disk may have none */ }
    await speak(language);
    frame();
    await show();
  }

  function frame() {
    const { view } = asked();
    document.getElementById("skip").textContent = say("skip");
    document.getElementById("menu").setAttribute("aria-label", say("menu"));
    const links = [["", "find_city"], ["ranking", "ranking"], ["map", "map"], ["compare", "compare"]];
    document.getElementById("menu").replaceChildren(
      ...links.map(([to, key]) => el("a", { href: address(to), "aria-current": view === to ? "page" : null }, say(key))),
      el("a", { href: "../report/index.html" }, say("report")));
    const languages = document.getElementById("languages");
    languages.setAttribute("aria-label", say("language"));
    languages.replaceChildren(...Object.entries(LANGUAGES).map(([id, name]) => el("button", {
      type: "button", lang: id === "zh" ? "zh-Hans" : id, "aria-pressed": String(citypanel.words.spoken() === id), onclick: () => choose(id),
    }, name)));
    const banner = document.getElementById("simulated");
    banner.hidden = !base.simulated;
    banner.textContent = base.simulated ? say("simulated") : "";
    document.getElementById("foot").replaceChildren(
      el("p", {}, say("release_is", { vintage: base.release.vintage, kind: citypanel.words.code("data_kind", base.release.kind), files: base.release.files, cells: Number(base.release.cells).toLocaleString("en-US") })),
      el("p", {}, el("a", { href: "../report/index.html" }, say("report")), " · ", el("a", { href: "../data_docs/index.html" }, say("data_docs")), " · ",
        say("libraries"), " ", el("a", { href: "vendor/d3.LICENSE.txt" }, "D3"), ", ", el("a", { href: "vendor/plot.LICENSE.txt" }, "Observable Plot")));
  }

  function home() {
    const subjects = d3.rollup(base.subjects, (rows) => rows.length, (row) => row.kind);
    return [
      el("h1", {}, say("explore")),
      el("p", { class: "lead" }, say("lead", { cities: base.cities.filter((city) => city.has).length, indicators: subjects.get("indicator") ?? 0 })),
      citypanel.search.box(say("find_city"), (code) => go("city", { code }), { autofocus: true }),
      el("ul", { class: "cards" }, [["ranking", "ranking_card"], ["map", "map_card"], ["compare", "compare_card"]].map(([to, key]) =>
        el("li", {}, el("a", { href: address(to) }, say(to)), el("p", {}, say(key))))),
    ];
  }

  async function show() {
    const mine = (showing += 1);
    const { view, choices } = asked();
    main.setAttribute("aria-busy", "true");
    let inside;
    try {
      inside = view === "" ? home() : Object.hasOwn(VIEWS, view) ? await VIEWS[view](choices, go) : [el("h1", {}, say("no_view", { name: view })), ...home().slice(1)];
    } catch (error) {
      inside = [el("h1", {}, say("failed")), el("p", { class: "failure", role: "alert" }, say("failed_why", { what: error.message }))];
      console.error(error);
    }
    if (mine !== showing) return;
    main.replaceChildren(...inside);
    main.setAttribute("aria-busy", "false");
    const title = main.querySelector("h1")?.textContent ?? "";
    document.title = (base.simulated ? say("simulated_short") + ": " : "") + title + " – citypanel";
    main.dataset.view = view || "home";
  }

  let before = "";
  async function moved() {
    const { view, choices } = asked();
    const place = view + (choices.code ?? "");
    if (location.hash && !location.hash.startsWith("#/")) return;  // the skip link
    document.getElementById("cell").close();
    const keep = place === before ? window.scrollY : 0;
    before = place;
    frame();
    await show();
    window.scrollTo(0, keep);
    if (!keep && view) main.focus({ preventScroll: true });
  }

  async function start() {
    await begin();
    const wanted = kept() ?? (navigator.language || "en").slice(0, 2);
    await speak(LANGUAGES[wanted] ? wanted : "en");
    document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
    window.addEventListener("hashchange", moved);
    await moved();
  }

  citypanel.choose = choose;
  citypanel.ready = start().catch((error) => {
    main.replaceChildren(el("p", { role: "alert", class: "failure" }, "The explorer's data can't be read 无法读取数据: " + error.message));
  });
})();
