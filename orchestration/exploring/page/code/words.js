/* Words in the language of the page.

   Belongs here: texts, names of things and numbers in a language. Does not belong here: the texts
   themselves (words/<language>.json), which languages there are (main.js). */
"use strict";

(() => {
  const { base, load } = citypanel.parts;
  let words = {};
  let spoken = "en";

  async function speak(language) {
    words = await load("words/" + language);
    spoken = language;
    document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  }

  /* A text of the page; {name} is replaced by a field of `values`. */
  function say(key, values = {}) {
    const text = words[key];
    if (text === undefined) throw new Error("no words for " + key);
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  /* A code of the warehouse in words; one without words with spaces for its underscores. */
  function code(kind, value) {
    if (value === null || value === undefined || value === "") return "";
    return words[kind + "." + value] ?? String(value).replaceAll("_", " ");
  }

  const chinese = () => spoken === "zh";
  const either = (thing) => (chinese() ? thing.zh || thing.en : thing.en || thing.zh) || "";

  function cityName(code_) {
    const city = base.city.get(code_);
    return city ? either(city) : code_;
  }

  function subjectName(id) {
    const subject = base.subject.get(id);
    if (!subject) return id;
    const name = either(subject);
    if (subject.kind === "dimension") return say("joined", { one: name, other: code("dimension", subject.dimension) });
    if (subject.kind === "efficiency") return say("joined", { one: name, other: code("variant", subject.dimension) });
    if (subject.scope === "districts") return say("joined", { one: name, other: code("scope", "districts") });
    return name;
  }

  const unit = (subject) => (subject.unit ? code("unit", subject.unit) : say("score"));
  const group = (text) => String(text).split(", ").map((part) => words["size." + part] ?? code("region", part)).join(say("comma"));

  /* A number to read: six figures that count; the whole number stands in its cell and in the download. */
  function number(value) {
    if (value === null || value === undefined) return "–";
    const large = Math.abs(value) >= 1000;
    return value.toLocaleString("en-US", large ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 5 });
  }

  citypanel.words = { speak, say, code, chinese, either, cityName, subjectName, unit, group, number, spoken: () => spoken };
})();
