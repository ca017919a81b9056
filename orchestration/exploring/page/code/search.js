/* Finding a city by its Chinese name, pinyin, English name, a former name or its code.

   Belongs here: what fits a text, and the box with its list for keyboard and pointer. */
"use strict";

(() => {
  const { base } = citypanel.parts;
  const { el } = citypanel.dom;
  const { say, either, code } = citypanel.words;

  /* Without case, marks, spaces, apostrophes and hyphens: "Lü liang" is "luliang"; so are the "v" and "u" of ü. */
  const plain = (text) => String(text ?? "").normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[\s'’·-]/g, "");

  /* Cities that fit, best first: whole, then at the beginning, then inside. */
  function find(text, limit = 12) {
    const wanted = plain(text);
    if (!wanted) return [];
    const found = [];
    for (const city of base.cities) {
      const names = [city.code, city.zh, city.en, city.pinyin, ...(city.aliases ?? [])].map(plain);
      let best = 9;
      for (const name of names) {
        if (!name) continue;
        const at = name.indexOf(wanted);
        if (name === wanted) best = Math.min(best, 0);
        else if (at === 0) best = Math.min(best, 1);
        else if (at > 0) best = Math.min(best, 2);
      }
      if (best < 9) found.push({ city, best: best + (city.has ? 0 : 3) });
    }
    found.sort((a, b) => a.best - b.best || a.city.code.localeCompare(b.city.code));
    return found.slice(0, limit).map((one) => one.city);
  }

  /* Cities whose name is nearest to a text that nothing fits. */
  function nearest(text, limit = 3) {
    const wanted = plain(text);
    const pairs = (name) => new Set(d3.range(name.length).map((i) => name.slice(i, i + 2)));
    const own = pairs(wanted);
    const likeness = (city) => Math.max(...[city.zh, city.en, city.code].map((name) => {
      const other = pairs(plain(name));
      return [...own].filter((pair) => other.has(pair)).length / Math.max(1, Math.max(own.size, other.size));
    }));
    return base.cities.filter((city) => city.has).map((city) => ({ city, like: likeness(city) }))
      .filter((one) => one.like > 0).sort((a, b) => b.like - a.like).slice(0, limit).map((one) => one.city);
  }

  let boxes = 0;

  /* A box to find a city; `chosen` is given its code. */
  function box(label, chosen, { autofocus = false } = {}) {
    const id = "find-" + (boxes += 1);
    const list = el("ul", { id: id + "-list", role: "listbox", "aria-label": label, hidden: true });
    const told = el("p", { class: "told", role: "status" });
    let cities = [];
    let at = -1;
    const input = el("input", {
      id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder: say("find_hint"),
      "aria-expanded": "false", "aria-controls": id + "-list", "aria-autocomplete": "list",
      oninput: show, onkeydown: press, onblur: () => setTimeout(close, 150),
    });

    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function choose(city) {
      input.value = "";
      close();
      told.textContent = "";
      chosen(city.code);
    }
    function show() {
      cities = find(input.value);
      list.replaceChildren(...cities.map((city, i) => el("li", {
        id: `${id}-${i}`, role: "option", "aria-selected": "false",
        onpointerdown: (event) => { event.preventDefault(); choose(city); },
      }, el("b", {}, either(city)), " ", el("span", {}, city.zh === either(city) ? city.en : city.zh), " ",
        el("span", { class: "soft" }, `${citypanel.words.chinese() ? city.province_zh : city.province ?? city.province_zh} · ${city.code}`),
        city.has ? null : el("span", { class: "soft" }, " · " + say("no_figures")))));
      at = -1;
      list.hidden = cities.length === 0;
      input.setAttribute("aria-expanded", String(cities.length > 0));
      input.removeAttribute("aria-activedescendant");
      const near = input.value.trim() && !cities.length ? nearest(input.value) : [];
      told.textContent = !input.value.trim() ? "" : cities.length ? say("found", { n: cities.length })
        : near.length ? say("nearest", { names: near.map((city) => `${either(city)} (${city.code})`).join(say("comma")) }) : say("none_found");
    }
    function press(event) {
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && cities.length) {
        event.preventDefault();
        choose(cities[Math.max(at, 0)]);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && cities.length) {
        event.preventDefault();
        at = (at + (event.key === "ArrowDown" ? 1 : -1) + cities.length) % cities.length;
        [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
        input.setAttribute("aria-activedescendant", `${id}-${at}`);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    }
    if (autofocus) setTimeout(() => input.focus({ preventScroll: true }), 0);
    return el("div", { class: "find" }, el("label", { for: id }, label), input, list, told);
  }

  citypanel.search = { find, nearest, box };
})();
