/* Parts of data: each is a script that hands its JSON over, loaded when a view asks for it.

   Belongs here: loading, and looking up what the base part holds. Does not belong here: showing anything. */
"use strict";

const citypanel = {};

(() => {
  const held = new Map();
  const waiting = new Map();
  const NAME = /^(base|places|(city|subject|words)\/[\w.-]+)$/;

  /* Called by the scripts of parts. */
  citypanel.part = (name, body) => {
    held.set(name, body);
  };

  function load(name) {
    if (held.has(name)) return Promise.resolve(held.get(name));
    if (waiting.has(name)) return waiting.get(name);
    if (!NAME.test(name)) return Promise.reject(new Error(name));
    const loading = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = (name.startsWith("words/") ? "" : "data/") + name + ".js";
      script.onload = () => (held.has(name) ? resolve(held.get(name)) : reject(new Error(name)));
      script.onerror = () => {
        waiting.delete(name);
        script.remove();
        reject(new Error(name));
      };
      document.head.append(script);
    });
    waiting.set(name, loading);
    return loading;
  }

  const base = {};

  async function begin() {
    Object.assign(base, await load("base"));
    base.release = Array.isArray(base.release) ? {} : base.release;
    base.city = new Map(base.cities.map((city) => [city.code, city]));
    base.subject = new Map(base.subjects.map((subject) => [subject.id, subject]));
    base.policy = new Map(base.policies.map((policy) => [policy.id, policy]));
    base.comparison = new Map(base.comparisons.map((one) => [one.id, one.s]));
    base.simulated = base.release.kind === "simulated";
  }

  /* All numbers of a subject as rows {city, year, value, kind}. */
  async function numbers(id) {
    const rows = [];
    for (const [city, series] of Object.entries(await load("subject/" + id))) {
      series.y.forEach((year, i) => rows.push({ city, year, value: series.v[i], kind: series.k[i] }));
    }
    return rows;
  }

  citypanel.parts = { base, begin, load, numbers };
})();
