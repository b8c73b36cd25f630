"use strict";
(() => {
  const root = document.documentElement;
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Light and dark: what the system says, until somebody uses the switch.
  const button = document.getElementById("theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const isDark = () => (chosen === null ? system.matches : chosen === "dark");
  const applyTheme = () => {
    root.dataset.theme = isDark() ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark()));
  };
  applyTheme();

  // Charts: drawn when they are near, then the others while nothing else happens.
  const holder = document.getElementById("specs");
  const specs = holder ? JSON.parse(holder.textContent) : [];
  const COLOURS = {
    light: {
      ink: "#1f2933", soft: "#52606d", line: "#e4e7eb", paper: "#ffffff",
      faint: "#e3efed", main: "#0f766e", second: "#9aa5b1", warn: "#b7791f",
      category: ["#0f766e", "#c05621", "#3b5bdb", "#a02c6d", "#6b7a1e", "#5b4b8a", "#1c7ed6", "#8a5300"],
    },
    dark: {
      ink: "#e6e9ec", soft: "#a9b4be", line: "#2b333b", paper: "#14181d",
      faint: "#20302f", main: "#5cc4b8", second: "#6b7782", warn: "#e8b65c",
      category: ["#5cc4b8", "#f0995f", "#8ea6ff", "#e68ac0", "#c3d067", "#b3a2e0", "#74c0fc", "#e8b65c"],
    },
  };
  const ROLES = ["ink", "faint", "main", "second", "warn", "paper"];
  const looks = (colours, narrow) => ({
    background: colours.paper,
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: {
      domainColor: colours.line, gridColor: colours.line, tickColor: colours.line,
      labelColor: colours.ink, titleColor: colours.soft, titleFontWeight: "normal",
      labelFontSize: 12, titleFontSize: 12, labelLimit: narrow ? 105 : 220, titleLimit: 260,
      labelOverlap: true,
    },
    axisY: { titleAnchor: "end", titleAngle: 0, titleAlign: "left", titleX: 0, titleY: -10 },
    legend: {
      orient: "top", direction: "horizontal", columns: narrow ? 2 : 6, symbolType: "circle", symbolOpacity: 1, offset: 24,
      labelColor: colours.ink, titleColor: colours.soft, titleFontWeight: "normal",
      labelFontSize: 12, labelLimit: narrow ? 130 : 260, gradientLength: narrow ? 120 : 200, title: null,
    },
    range: { category: colours.category },
    style: { cell: { stroke: null } },
  });
  const drawn = new Map();
  const draw = async (place) => {
    if (place.closest("[hidden]") || !place.clientWidth) return;
    const theme = isDark() ? "dark" : "light";
    const narrow = window.innerWidth < 620;
    const state = `${theme} ${narrow}`;
    if (drawn.get(place)?.state === state) return;
    const before = drawn.get(place);
    drawn.set(place, { state, view: null });
    before?.view?.finalize();
    const spec = structuredClone(specs[Number(place.dataset.chart)]);
    const params = ROLES.map((name) => ({ name, value: COLOURS[theme][name] }));
    spec.params = [...params, ...(spec.params || [])];
    spec.autosize = { type: "fit-x", contains: "padding" };
    try {
      const result = await window.vegaEmbed(place, spec, {
        mode: "vega-lite",
        renderer: "svg",
        config: looks(COLOURS[theme], narrow),
        actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
        downloadFileName: `chart-${place.dataset.chart}`,
        scaleFactor: { png: 2 },
      });
      if (drawn.get(place)?.state === state) drawn.get(place).view = result.view;
      const summary = place.querySelector("summary");
      if (summary) summary.setAttribute("aria-label", "Save this chart");
      place.style.minHeight = "";
      place.dataset.drawn = theme;
    } catch (error) {
      place.textContent = "This chart cannot be drawn.";
      console.error(error);
    }
  };
  const places = $$(".chart");
  const drawAll = async () => {
    for (const place of places) {
      await draw(place);
      await new Promise((done) => setTimeout(done, 0));
    }
  };
  if (places.length && window.vegaEmbed) {
    const near = new IntersectionObserver(
      (entries) => entries.forEach((entry) => entry.isIntersecting && draw(entry.target)),
      { rootMargin: "200px" },
    );
    places.forEach((place) => near.observe(place));
    setTimeout(drawAll, 50);
  }
  const redraw = () => { applyTheme(); drawAll(); };
  button.addEventListener("click", () => { chosen = isDark() ? "light" : "dark"; redraw(); });
  system.addEventListener("change", redraw);
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(drawAll, 150); });

  // Tables: the button of a heading sorts, again turns around.
  const valueOf = (cell) =>
    "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim().toLocaleLowerCase();
  const compare = (one, other) => {
    if (typeof one === typeof other) return one < other ? -1 : one > other ? 1 : 0;
    return typeof one === "number" ? -1 : 1;
  };
  $$("table").forEach((table) => {
    const heads = $$("thead th", table);
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : head.classList.contains("right");
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (down ? -1 : 1) * compare(valueOf(a.cells[column]), valueOf(b.cells[column])));
        table.tBodies[0].append(...rows);
      });
    });
  });

  // Tabs: arrows, Home and End move, as WAI-ARIA tells.
  $$('[role="tablist"]').forEach((list) => {
    const tabs = $$('[role="tab"]', list);
    const show = (tab) => {
      tabs.forEach((other) => {
        const selected = other === tab;
        other.setAttribute("aria-selected", String(selected));
        other.tabIndex = selected ? 0 : -1;
        document.getElementById(other.getAttribute("aria-controls")).hidden = !selected;
      });
      drawAll();
    };
    tabs.forEach((tab, place) => {
      tab.addEventListener("click", () => show(tab));
      tab.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: last }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        const target = tabs[(next + tabs.length) % tabs.length];
        target.focus();
        show(target);
      });
    });
  });

  // The section that is read is marked in the list of sections.
  const links = new Map($$("nav a").map((link) => [link.hash.slice(1), link]));
  const mark = () => {
    let current = "top";
    for (const part of $$(".part[id]")) {
      if (links.has(part.id) && part.getBoundingClientRect().top < 160) current = part.id;
    }
    links.forEach((link, id) => {
      if (id === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  document.addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
  mark();
})();
