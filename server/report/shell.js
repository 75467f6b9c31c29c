"use strict";
// What a report's page does by itself: theme, figures in the dark, downloads, sorting, filtering. No network, no storage needed.
(() => {
  const root = document.documentElement;
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const PAIRS = [["#16211f", "#e8ede8"], ["#43504d", "#b8c3be"], ["#5a6763", "#98a5a0"], ["#d0d8d2", "#303a37"], ["#76837e", "#76847e"],
    ["#f8faf7", "#171e1c"], ["#eff3ee", "#1f2725"], ["#47545a", "#a9b6ba"], ["#0c5266", "#85c8d8"], ["#7d2a60", "#e8abd1"], ["#00684c", "#66cfa8"],
    ["#dff0e9", "#12332a"], ["#9c3a05", "#f4a574"], ["#faeae0", "#3a2315"]];
  const HEAD = "data:image/svg+xml;base64,";

  // Figures are drawn in the light theme's colours; in the dark a copy with the other ones stands in. Print takes the light one.
  const darken = () => {
    for (const art of all("img.art:not(.art--dark)")) {
      if (art.nextElementSibling?.classList.contains("art--dark") || !art.src.startsWith(HEAD)) continue;
      const bytes = Uint8Array.from(atob(art.src.slice(HEAD.length)), (c) => c.charCodeAt(0));
      let svg = new TextDecoder().decode(bytes);
      svg = svg.replace(/#[0-9a-f]{6}\b/g, (hex) => PAIRS.find(([light]) => light === hex)?.[1] ?? hex);
      let text = "";
      for (const byte of new TextEncoder().encode(svg)) text += String.fromCharCode(byte);
      const copy = art.cloneNode();
      copy.classList.add("art--dark");
      copy.src = HEAD + btoa(text);
      art.after(copy);
    }
  };

  const themes = ["automatic", "light", "dark"];
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let at = 0;
  const paint = () => {
    const dark = at === 2 || (at === 0 && system.matches);
    if (dark) darken();
    root.dataset.theme = dark ? "dark" : "light";
    button.textContent = `Theme: ${themes[at]}`;
  };
  button.hidden = false;
  button.addEventListener("click", () => { at = (at + 1) % 3; paint(); });
  system.addEventListener("change", paint);
  paint();

  // The SVG is in the page once, as the picture; its link takes it from there.
  for (const link of all("a.svg")) {
    const art = link.closest(".fig").querySelector("img.art");
    if (art) link.href = art.src;
  }

  const number = (text) => { const found = Number.parseFloat(text.replace(/[,%\s]/g, "").replace("−", "-")); return Number.isNaN(found) ? null : found; };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x - y;
    if (x === null && y === null) return a.localeCompare(b, "en");
    return x === null ? 1 : -1;
  };
  for (const table of all("table.grid")) {
    all("thead th", table).forEach((head, column) => {
      const press = document.createElement("button");
      press.type = "button";
      press.textContent = head.textContent;
      head.replaceChildren(press);
      press.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((each) => each.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = all("tbody tr", table).map((row) => [row.cells[column].textContent.trim(), row]);
        rows.sort(([a], [b]) => (a === "-") - (b === "-") || (down ? compare(b, a) : compare(a, b)));
        table.tBodies[0].append(...rows.map(([, row]) => row));
        table.classList.add("is-whole");
        table.closest(".fig").querySelector(".all")?.remove();
      });
    });
  }
  for (const press of all(".all")) {
    press.addEventListener("click", () => { press.closest(".fig").querySelector("table").classList.add("is-whole"); press.remove(); });
  }

  // A filter's inputs name the cards that stay: all words of the search, and the chosen value of each list.
  for (const filter of all(".filter")) {
    const cards = all("[data-words]", document.getElementById(filter.dataset.for));
    const told = filter.querySelector("output");
    let most = Number(filter.dataset.most ?? cards.length);
    if (most < cards.length) {
      const more = document.createElement("button");
      more.type = "button";
      more.className = "btn";
      more.textContent = `All ${cards.length}`;
      more.addEventListener("click", () => { most = cards.length; more.remove(); show(); });
      document.getElementById(filter.dataset.for).after(more);
    }
    const show = () => {
      const words = all("input, select", filter).flatMap((field) => field.value.toLowerCase().split(/\s+/)).filter(Boolean);
      const found = cards.filter((card) => words.every((word) => card.dataset.words.includes(word)));
      const shown = new Set(words.length ? found : found.slice(0, most));
      for (const card of cards) card.hidden = !shown.has(card);
      if (told) told.textContent = `${cards.filter((card) => !card.hidden).length} of ${cards.length}`;
    };
    filter.addEventListener("input", show);
    show();
  }

  const links = new Map(all(".nav a").map((link) => [link.hash.slice(1), link]));
  if ("IntersectionObserver" in window) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((link) => link.removeAttribute("aria-current"));
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    all("section.part").forEach((part) => seen.observe(part));
  }
})();
