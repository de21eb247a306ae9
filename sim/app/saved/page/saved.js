// Draws a saved study and lets a person choose among its policies or profiles. All numbers and words come with the
// study's JSON; the only sums done here place them on the screen.
"use strict";
(() => {
  const board = document.getElementById("board"), picture = document.getElementById("picture");
  const detail = document.getElementById("detail"), SVG = "http://www.w3.org/2000/svg";
  const state = new URLSearchParams(location.hash.slice(1));
  const narrow = matchMedia("(max-width: 560px)");

  function el(name, given = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
      if (key === "on") for (const [kind, act] of Object.entries(value)) made.addEventListener(kind, act);
      else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }
  function svg(name, given = {}, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
  function remember(given) {
    for (const [key, value] of Object.entries(given)) state.set(key, value);
    history.replaceState(null, "", `#${state}`);
  }
  function whole(name, most, usual) {
    const text = state.get(name), number = Number(text);
    return text !== null && Number.isInteger(number) && number >= 0 && number < most ? number : usual;
  }
  function chooser(text, options, value, act) {
    const select = el("select", { on: { change: () => act(Number(select.value)) } },
      ...options.map((option, place) => el("option", { value: place }, option)));
    select.value = value;
    return el("label", {}, `${text} `, el("br"), select);
  }
  let tables = 0;
  function region(table, label) {  // scrolls by keyboard too where it is wider than the page
    tables += 1;
    return el("div", { class: "scroll", role: "region", "aria-label": `${label} (${tables})`, tabindex: 0 }, table);
  }
  function table(found) {
    return region(el("table", {}, el("caption", {}, found.caption),
      el("thead", {}, el("tr", {}, ...found.head.map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, ...found.rows.map((row) => el("tr", {}, ...row.map((text, place) =>
        el(place ? "td" : "th", place ? {} : { scope: "row" }, text)))))), "Table");
  }

  // ---- what is chosen ---------------------------------------------------------------------------------------------
  function show(found, choose, move) {
    const title = el("h2", { id: "detail-title", tabindex: -1 }, found.heading);
    detail.replaceChildren(title, ...found.says.map((text) => el("p", {}, text)), ...found.tables.map(table),
      el("h3", {}, found.also), el("ul", { class: "others" }, ...found.others.map((other) => el("li", {},
        el("button", { type: "button", on: { click: () => choose(other.place, true) } }, other.text)))),
      el("h3", {}, "In the cockpit"), found.link.query === null ? null : el("p", {}, el("a", { class: "open",
        href: `../${found.link.query ? "?" : ""}${found.link.query}` }, "Open with its levers")),
      el("p", { class: "muted" }, found.link.note));
    if (move) {
      title.focus({ preventScroll: true });
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (title.getBoundingClientRect().top > innerHeight * 0.7 || title.getBoundingClientRect().top < 0)
        title.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    }
  }

  // ---- the front --------------------------------------------------------------------------------------------------
  function mark(kind, x, y) {
    if (kind === "tied") return svg("path", { class: kind, d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z` });
    if (kind === "broken") return svg("path", { class: kind, d: `M${x - 5} ${y - 5}L${x + 5} ${y + 5}M${x - 5} ${y + 5}L${x + 5} ${y - 5}` });
    return svg("circle", { class: kind, cx: x, cy: y, r: kind === "front" ? 6 : 5.5 });
  }
  function front(study) {
    let across = whole("across", study.axes.length, 0), up = whole("up", study.axes.length, Math.min(1, study.axes.length - 1));
    let chosen = whole("policy", study.policies.length, study.advised);
    const plot = el("div"), reading = el("p", { class: "reading", role: "status" });
    const names = study.axes.map((axis) => axis.title);
    const used = new Set(study.policies.map((policy) => policy.status));
    const key = el("ul", { class: "key" }, ...Object.entries(study.status).filter(([kind]) => used.has(kind)).map(
      ([kind, text]) => el("li", {}, svg("svg", { viewBox: "0 0 26 20", "aria-hidden": "true", class: "mark" }, mark(kind, 13, 10)), text)),
      el("li", {}, svg("svg", { viewBox: "0 0 26 20", "aria-hidden": "true", class: "mark" }, svg("circle", { class: "alike", cx: 13, cy: 10, r: 8 })),
        "in no aim told from the chosen one"));
    const list = el("div");
    picture.append(el("div", { class: "choosers" },
      chooser("Across", names, across, (place) => { across = place; remember({ across }); draw(); }),
      chooser("Up", names, up, (place) => { up = place; remember({ up }); draw(); })), plot, reading, key,
      el("p", { class: "muted" }, "Thin lines are 95% intervals: of an aim, of its difference to today's policy. Point at, touch or " +
        "tab to a mark for its values; a click or Enter shows all of it."), list);

    const read = (place) => {
      const policy = study.policies[place];
      return `${policy.name} (${study.status[policy.status]}). ${study.axes[across].title}: ${study.axes[across].texts[place]}. ` +
        `${study.axes[up].title}: ${study.axes[up].texts[place]}.`;
    };
    function choose(place, move) {
      chosen = place;
      remember({ policy: place });
      draw();
      show(study.policies[place].detail, choose, move);
    }
    function draw() {
      const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.place : undefined;
      const wide = narrow.matches ? 370 : 620, high = narrow.matches ? 350 : 430;
      const [x, y] = [study.axes[across], study.axes[up]], left = narrow.matches ? 58 : 72, bottom = 46, top = 30, right = 16;
      const span = (axis) => axis.limits[1] - axis.limits[0] || 1;
      const atX = (value) => left + (wide - left - right) * (value - x.limits[0]) / span(x);
      const atY = (value) => high - bottom - (high - bottom - top) * (value - y.limits[0]) / span(y);
      const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "group", "aria-label":
        `Policies by ${x.title} and ${y.title}` });
      const every = narrow.matches && x.ticks.length > 5 ? 2 : 1;
      y.ticks.forEach((tick, k) => drawn.append(svg("line", { class: "grid", x1: left, x2: wide - right, y1: atY(tick), y2: atY(tick) }),
        Object.assign(svg("text", { x: left - 8, y: atY(tick) + 4, "text-anchor": "end" }), { textContent: y.labels[k] })));
      x.ticks.forEach((tick, k) => {
        drawn.append(svg("line", { class: "grid", x1: atX(tick), x2: atX(tick), y1: top, y2: high - bottom }));
        if (k % every === 0) drawn.append(Object.assign(svg("text", { x: atX(tick), y: high - bottom + 18, "text-anchor": "middle" }),
          { textContent: x.labels[k] }));
      });
      const better = (axis, more, less) => (axis.better === "higher" ? more : less);
      drawn.append(Object.assign(svg("text", { class: "title", x: 0, y: 14 }), { textContent: `${y.label}, ${better(y, "up", "down")} is better` }),
        Object.assign(svg("text", { class: "title", x: wide - right, y: high - 8, "text-anchor": "end" }),
          { textContent: `${x.label}, ${better(x, "right", "left")} is better` }));
      study.policies.forEach((policy, place) => {
        const [px, py] = [atX(x.values[place]), atY(y.values[place])];
        drawn.append(svg("line", { class: "range", x1: atX(x.ends[place][0]), x2: atX(x.ends[place][1]), y1: py, y2: py }),
          svg("line", { class: "range", x1: px, x2: px, y1: atY(y.ends[place][0]), y2: atY(y.ends[place][1]) }));
      });
      study.policies.forEach((policy, place) => {
        const [px, py] = [atX(x.values[place]), atY(y.values[place])];
        const said = read(place), made = svg("g", { class: "mark", role: "button", tabindex: 0, "data-place": place, "aria-label": said,
          "aria-pressed": String(place === chosen) }, svg("circle", { class: "hit", cx: px, cy: py, r: 12 }), mark(policy.status, px, py));
        if (place === chosen) made.append(svg("circle", { class: "ring", cx: px, cy: py, r: 11 }));
        else if (study.policies[chosen].tied.includes(place)) made.append(svg("circle", { class: "alike", cx: px, cy: py, r: 10 }));
        made.addEventListener("click", () => choose(place, true));
        made.addEventListener("keydown", (event) => {
          if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(place, true); }
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (step) { event.preventDefault(); neighbour(place, step); }
        });
        for (const kind of ["pointerenter", "focus"]) made.addEventListener(kind, () => { reading.textContent = said; });
        drawn.append(made);
      });
      drawn.append(Object.assign(svg("text", { class: "name", x: Math.min(atX(x.values[chosen]) + 15, wide - 120),
        y: atY(y.values[chosen]) - 12, "aria-hidden": "true" }), { textContent: study.policies[chosen].name }));
      plot.replaceChildren(drawn);
      reading.textContent = read(chosen);
      list.replaceChildren(values());
      if (focused !== undefined) { const again = plot.querySelector(`[data-place="${focused}"]`); if (again) again.focus({ preventScroll: true }); }
    }
    function neighbour(place, step) {  // left to right
      const order = study.policies.map((_, each) => each).sort((a, b) => study.axes[across].values[a] - study.axes[across].values[b] || a - b);
      const next = order[(order.indexOf(place) + step + order.length) % order.length];
      plot.querySelector(`[data-place="${next}"]`).focus();
    }
    function values() {
      const made = el("table", {}, el("caption", {}, "The same points as a table; choose one"), el("thead", {}, el("tr", {},
        ...["Policy", study.axes[across].label, study.axes[up].label, "Stands"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, ...study.policies.map((policy, place) => el("tr", {},
        el("th", { scope: "row" }, el("button", { type: "button", "aria-pressed": String(place === chosen), on: { click: () => choose(place, true) } }, policy.name)),
        ...[study.axes[across].texts[place], study.axes[up].texts[place], study.status[policy.status]].map((text) => el("td", {}, text))))));
      return el("details", { open: list.querySelector("details[open]") !== null }, el("summary", {}, "The points as a table"), region(made, "Points"));
    }
    narrow.addEventListener("change", draw);
    draw();
    show(study.policies[chosen].detail, choose, false);
  }

  // ---- a game -----------------------------------------------------------------------------------------------------
  function game(study) {
    let round = whole("value", study.rounds.length, study.first);
    const answer = () => study.rounds[round].cells.findIndex((cell) => cell.answer);
    let chosen = whole("profile", study.profiles.length, answer());
    const matrix = el("div"), path = el("div");
    board.classList.add("wide");
    if (study.values.length) picture.append(el("div", { class: "choosers" },
      chooser(study.varied, study.values, round, (place) => { round = place; remember({ value: place }); draw(); show(now(), choose, false); })));
    picture.append(matrix);
    picture.after(el("section", { id: "path", "aria-labelledby": "path-title" },
      el("h2", { id: "path-title" }, "How surely each is an equilibrium"), path));
    const now = () => study.rounds[round].details[chosen];

    function choose(place, move, value = round) {
      chosen = place;
      round = value;
      const select = picture.querySelector("select");
      if (select) select.value = round;
      remember(study.values.length ? { profile: place, value: round } : { profile: place });
      draw();
      show(now(), choose, move);
    }
    function draw() {
      const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.at : undefined;
      const columns = study.table.columns.length, cells = study.rounds[round].cells;
      matrix.replaceChildren(region(el("table", { class: "payoffs" }, el("caption", {}, study.table.caption),
        el("thead", {}, el("tr", {}, ...[study.table.corner, ...study.table.columns].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, ...study.table.rows.map((name, row) => el("tr", {}, el("th", { scope: "row" }, name),
          ...study.table.columns.map((_, column) => cell(cells[row * columns + column], row * columns + column)))))), "Payoffs"),
        el("p", { class: "muted" }, "Blue: an equilibrium of the means; framed: the stable profile that is told first, or the one least worth leaving."));
      path.replaceChildren(...(study.values.length > 1 ? [lines()] : []), shares());
      if (focused !== undefined) { const again = document.querySelector(`[data-at="${focused}"]`); if (again) again.focus({ preventScroll: true }); }
    }
    function cell(found, place) {
      return el("td", {}, el("button", { type: "button", "data-at": `c${place}`, "aria-pressed": String(place === chosen),
        class: [found.answer ? "answer" : "", found.equilibrium ? "equilibrium" : ""].join(" ").trim() || null, "aria-label":
          `${study.profiles[place]}. ${found.lines.map(([who, has]) => `${who}: ${has}`).join(". ")}. ${found.equilibrium ? "An equilibrium. " : ""}Stable in ${found.stable} of resamples`,
        on: { click: () => choose(place, true) } }, ...found.lines.map(([who, has]) => el("span", { class: "has" }, `${who} ${has}`)),
      el("span", { class: "sure" }, `stable in ${found.stable}`)));
    }
    function lines() {
      const wide = narrow.matches ? 370 : 600, high = 250, left = 48, right = 16, top = 12, bottom = 44;
      const atX = (k) => left + (wide - left - right) * (study.values.length > 1 ? k / (study.values.length - 1) : 0.5);
      const atY = (share) => high - bottom - (high - bottom - top) * share;
      const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "group", "aria-label": "Share of resamples in which a profile is an equilibrium, by value" });
      [0, 0.25, 0.5, 0.75, 1].forEach((share) => drawn.append(svg("line", { class: "grid", x1: left, x2: wide - right, y1: atY(share), y2: atY(share) }),
        Object.assign(svg("text", { x: left - 8, y: atY(share) + 4, "text-anchor": "end" }), { textContent: `${100 * share}%` })));
      study.values.forEach((value, k) => drawn.append(Object.assign(svg("text", { x: atX(k), y: high - bottom + 18, "text-anchor": k ? (k === study.values.length - 1 ? "end" : "middle") : "start" }),
        { textContent: value })));
      drawn.append(Object.assign(svg("text", { class: "title", x: wide - right, y: high - 6, "text-anchor": "end" }), { textContent: narrow.matches ? "Value" : study.varied }));
      study.path.drawn.forEach((place, k) => {
        const row = study.path.shares[place];
        drawn.append(svg("path", { class: `line l${k}`, d: row.map((share, at) => `${at ? "L" : "M"}${atX(at)} ${atY(share)}`).join("") }));
        row.forEach((share, at) => {
          const made = svg("g", { class: "mark", role: "button", tabindex: 0, "data-at": `p${place}-${at}`, "aria-label":
            `${study.profiles[place]} at ${study.values[at]}: an equilibrium in ${study.path.texts[place][at]} of resamples` },
          svg("circle", { class: "hit", cx: atX(at), cy: atY(share), r: 12 }), svg("circle", { class: `dot d${k}`, cx: atX(at), cy: atY(share), r: 5 }));
          if (place === chosen && at === round) made.append(svg("circle", { class: "ring", cx: atX(at), cy: atY(share), r: 10 }));
          made.addEventListener("click", () => choose(place, true, at));
          made.addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(place, true, at); }
          });
          for (const kind of ["pointerenter", "focus"]) made.addEventListener(kind, () => { said.textContent = made.getAttribute("aria-label"); });
          drawn.append(made);
        });
      });
      const said = el("p", { class: "reading", role: "status" });
      return el("div", {}, drawn, said, el("ul", { class: "key" }, ...study.path.drawn.map((place, k) => el("li", {}, svg("svg",
        { viewBox: "0 0 26 20", "aria-hidden": "true" }, svg("path", { class: `line l${k}`, d: "M0 10L26 10" }), svg("circle", { class: `dot d${k}`, cx: 13, cy: 10, r: 5 })),
      study.profiles[place]))));
    }
    function shares() {
      const head = ["Profile", ...(study.values.length ? study.values : ["Share"])];
      return table({ caption: "Share of resamples in which each is an equilibrium" + (study.values.length ? `, by ${study.varied.toLowerCase()}` : ""), head,
        rows: [...study.path.order.map((place) => [study.profiles[place], ...study.path.texts[place]]), ["None", ...study.path.none]] });
    }
    narrow.addEventListener("change", draw);
    draw();
    show(now(), choose, false);
  }

  fetch(board.dataset.numbers, { credentials: "same-origin" }).then((answer) => {
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  }).then((study) => (board.dataset.kind === "front" ? front : game)(study)).catch((error) => {
    picture.append(el("p", { role: "alert" }, `The study's numbers did not come (${error.message}): airace app may have ended. Start it again and reload.`));
  });
})();
