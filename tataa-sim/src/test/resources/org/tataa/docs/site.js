"use strict";
// The contents, open where there is room, and a search over all sections: the words a reader types
// must all be in a section; one in its heading counts more. The index is read when it is first needed.
(() => {
  const MOST = 12;
  const AROUND = 70;
  const top = document.body.dataset.top;
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const menu = document.querySelector(".menu");
  const isWide = window.matchMedia("(min-width: 64rem)");
  const fold = () => { menu.open = isWide.matches; };
  isWide.addEventListener("change", fold);
  fold();

  let index = null;
  const load = () => index ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = top + "search-index.js";
    script.onload = () => done(SECTIONS.map(([url, title, heading, text]) => ({
      url, title, heading, text,
      low: text.toLowerCase(), name: (title + " " + heading).toLowerCase(),
    })));
    document.head.append(script);
  });

  const score = (section, words) => {
    let sum = 0;
    for (const word of words) {
      const named = section.name.includes(word);
      const times = section.low.split(word).length - 1;
      if (!named && times === 0) return 0;
      sum += (named ? 20 : 0) + Math.min(times, 5);
    }
    return sum;
  };

  const excerpt = (section, word) => {
    const at = Math.max(0, section.low.indexOf(word));
    const from = Math.max(0, at - AROUND);
    return (from > 0 ? "... " : "") + section.text.slice(from, at + 2 * AROUND);
  };

  const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };

  const show = async () => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
    found.hidden = words.length === 0;
    found.replaceChildren();
    if (words.length === 0) return;
    const sections = await load();
    const hits = sections.map((section) => [score(section, words), section])
      .filter(([points]) => points > 0)
      .sort((a, b) => b[0] - a[0]);
    const list = document.createElement("ol");
    for (const [, section] of hits.slice(0, MOST)) {
      const link = element("a", section.heading === section.title ? section.title
        : section.title + ": " + section.heading);
      link.href = top + section.url;
      const item = document.createElement("li");
      item.append(link, element("span", excerpt(section, words[0])));
      list.append(item);
    }
    const count = hits.length === 0 ? "Nothing found"
      : hits.length > MOST ? `${MOST} of ${hits.length} sections` : `${hits.length} sections`;
    found.replaceChildren(element("p", count), list);
    found.dataset.ready = "true";
  };

  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; show(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) { search.value = asked; show(); }
})();
