"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const field = document.getElementById("search");
  const found = document.getElementById("found");
  const folds = all("main details");
  all("[data-script]").forEach((one) => { one.hidden = false; });

  // what can be found: a row of a table, with the words that stand in it
  // what uses it is not said by it; values are rows of their own
  const aside = (node) => node.matches(".used, tr.values");
  const own = (node) => [...node.childNodes].map((one) => {
    if (one.nodeType === Node.TEXT_NODE) return one.data;
    return one.nodeType === Node.ELEMENT_NODE && !aside(one) ? own(one) + " " : "";
  }).join("");
  let entries = null;
  const index = () => all("main [data-entry]").map((one) => ({
    one,
    words: (one.getAttribute("data-entry") + " " + own(one)).toLowerCase(),
    parent: one.parentElement.closest("[data-entry]"),
  }));

  let folded = null;
  const search = () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    entries = entries || index();
    document.body.classList.toggle("searching", wanted.length > 0);
    if (!wanted.length) {
      all(".miss").forEach((one) => one.classList.remove("miss"));
      if (folded) { folded.forEach((open, one) => { one.open = open; }); folded = null; }
      found.textContent = "";
      return;
    }
    folded = folded || new Map(folds.map((one) => [one, one.open]));
    const hits = new Set();
    let count = 0;
    for (const entry of entries) {
      if (wanted.every((word) => entry.words.includes(word))) {
        hits.add(entry.one);
        count += 1;
        for (let up = entry.parent; up; up = up.parentElement.closest("[data-entry]")) hits.add(up);
      }
    }
    for (const entry of entries) entry.one.classList.toggle("miss", !hits.has(entry.one));
    for (const values of all("tr.values")) {
      const some = values.querySelector("[data-entry]:not(.miss)") !== null;
      const own = values.previousElementSibling;
      values.classList.toggle("miss", !some);
      if (some && own) own.classList.remove("miss");
      values.querySelector("details").open = some;
    }
    for (const part of all("section[data-part]")) {
      part.classList.toggle("miss", part.querySelector("[data-entry]:not(.miss)") === null);
    }
    scrollTo(0, 0);
    found.textContent = count === 1 ? "1 found" : count + " found";
  };
  let waiting = 0;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; search(); }
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  const toggle = document.getElementById("fold");
  toggle.addEventListener("click", () => {
    const open = toggle.getAttribute("aria-pressed") !== "true";
    folds.forEach((one) => { one.open = open; });
    toggle.setAttribute("aria-pressed", String(open));
    toggle.textContent = open ? "Fold all" : "Unfold all";
  });

  // a link leads to its place even where that is folded, or not among what was searched
  const reveal = () => {
    let place = null;
    try { place = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!place) return;
    if (place.closest(".miss")) { field.value = ""; search(); }
    for (let up = place.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
    place.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  let before = [];
  addEventListener("beforeprint", () => {
    before = folds.filter((one) => !one.open && !one.matches(".used"));
    before.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => before.forEach((one) => { one.open = false; }));
  document.documentElement.dataset.ready = "yes";
})();
