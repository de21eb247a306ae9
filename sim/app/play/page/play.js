"use strict";
// The page of airace play. All that others typed is put in as text; the server's interface is api/NAME, in JSON.

const main = document.getElementById("main"), where = document.getElementById("where");
const trouble = document.getElementById("trouble"), said = document.getElementById("told");
const SVG = "http://www.w3.org/2000/svg";
const POLL = 1000, YEAR = 4, HEAVY = 5;
let key = "", token = "", seen = null, draft = {}, draftOf = 0, answer = null, busy = false, timer = 0, kinds = null, closes = 0, pressed = false;

// ---- small things -----------------------------------------------------------------------------------------------------
function h(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) made.append(child);
  return made;
}
function s(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}
function keep(name, value) { try { value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* a browser without storage plays on, and cannot come back */ } }
function kept(name) { try { return localStorage.getItem(name); } catch { return null; } }
function inTab(name, value) { try { if (value === undefined) return sessionStorage.getItem(name); sessionStorage.setItem(name, value); } catch { /* as above */ } return null; }
function mySeats() { try { return JSON.parse(kept("airace-seats") || "[]").filter((each) => typeof each.token === "string"); } catch { return []; } }
function remember(given, label) {
  token = given; inTab("airace-token", given);
  keep("airace-seats", JSON.stringify([{ token: given, label }, ...mySeats().filter((each) => each.token !== given)].slice(0, 12)));
}
function forget(given) { keep("airace-seats", JSON.stringify(mySeats().filter((each) => each.token !== given))); }
function say(text) { said.textContent = ""; said.textContent = text; }
function wrong(text) { trouble.textContent = text || ""; }

async function ask(name, given) {
  let response;
  try {
    response = await fetch("api/" + name, { method: "POST", body: JSON.stringify(given || {}), headers: {
      "content-type": "application/json", ...(token ? { authorization: "Bearer " + token } : {}), ...(key ? { "x-airace-key": key } : {}) } });
  } catch { const lost = new Error("The connection to the server is lost. This page tries again, and comes back to its seat."); lost.lost = true; throw lost; }
  if (response.status === 204) return null;
  const type = response.headers.get("content-type") || "";
  const told = type.startsWith("application/json") ? await response.json() : await response.text();
  if (!response.ok) { const refused = new Error(told.error || "The server refused."); refused.status = response.status; throw refused; }
  return told;
}
async function doing(work, label) {
  if (busy) return;
  busy = true; main.setAttribute("aria-busy", "true");
  for (const each of main.querySelectorAll("button")) each.disabled = true;
  if (label) say(label);
  try { wrong(""); await work(); } catch (error) { wrong(error.message); if (error.status === 401) { forget(token); inTab("airace-token", ""); } }
  busy = false; main.removeAttribute("aria-busy");
  for (const each of main.querySelectorAll("button")) each.disabled = each.dataset.off === "yes";
}
function show(...children) { main.replaceChildren(...children.flat().filter(Boolean)); }
function focusOn(id) { const at = document.getElementById(id); if (at) { at.focus({ preventScroll: false }); at.scrollIntoView({ block: "nearest" }); } }
function button(text, click, more) { return h("button", { type: "button", onclick: click, ...more }, text); }
function list(entries, make) { return h("ul", {}, entries.map((each) => h("li", {}, make(each)))); }

// ---- ways in ----------------------------------------------------------------------------------------------------------
async function enter() {
  const hash = new URLSearchParams(location.hash.slice(1));
  if (hash.get("key")) inTab("airace-key", hash.get("key"));
  if (hash.get("view")) inTab("airace-token", hash.get("view"));
  if (location.hash) history.replaceState(null, "", location.pathname);
  key = inTab("airace-key") || ""; token = inTab("airace-token") || "";
  if (token) { try { seen = await ask("state"); draw(); poll(); return; } catch (error) { if (error.lost) { wrong(error.message); setTimeout(enter, POLL); return; } token = ""; inTab("airace-token", ""); wrong(error.message); } }
  await lobbyOfAll();
}
async function lobbyOfAll() {
  let about;
  try { about = await ask("about"); wrong(""); } catch (error) { wrong(error.message); setTimeout(lobbyOfAll, POLL); return; }
  where.replaceChildren(h("span", {}, "World: " + about.world));
  const opens = !about.key || key, earlier = mySeats();
  show(h("h1", { id: "title", tabindex: "-1" }, !opens ? "Join a room" : about.rooms ? "Open a room, join one, or play alone" : "Who will you be?"),
    earlier.length > 0 && h("section", { "aria-labelledby": "goon" }, h("h2", { id: "goon" }, "Go on with a game of this browser"),
      h("div", { class: "buttons" }, earlier.slice(0, 6).map((each) => button(each.label, () => doing(async () => {
        token = each.token; seen = await ask("state"); inTab("airace-token", token); draw(); poll(); }))))),
    opens && about.rooms && opening(about), about.rooms && joining(), opens && alone(about));
}
function alone(about) {
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); doing(async () => {
    const role = form.elements.role.value, run = form.elements.run.value.trim();
    const given = await ask("solo", { role, quarters: Number(form.elements.quarters.value), ...(run ? { run: Number(run) } : {}) });
    remember(given.token, "Alone: " + about.roles.find((each) => each.key === role).name + ", " + new Date().toLocaleString());
    seen = await ask("state"); draft = {}; draw("news-title"); }, "The first quarter goes by."); } },
    about.rooms && h("h2", {}, "Play alone"),
    h("p", {}, "The world goes forward a quarter at a time. Each quarter you take up to two decisions; then you read what happened, and what led to it. Twenty-four quarters take some twenty minutes. At the end you see what each of your decisions changed, undone on the same luck."),
    h("fieldset", {}, h("legend", {}, "Role"), h("div", { class: "roles" }, about.roles.map((role, place) => h("label", { class: "role" },
      h("input", { type: "radio", name: "role", value: role.key, checked: place === 0 }), h("b", {}, role.name), h("span", {}, role.task),
      h("span", { class: "muted" }, "After: " + role.aims.join("; ") + "."))))),
    lengths(about, "quarters"), run("run", about),
    h("p", { class: "small" }, "Single labs are not played: a scenario sets a lab's own traits at its start only, so the labs decide together."),
    h("div", { class: "buttons" }, h("button", { class: "main", type: "submit" }, "Begin")));
  return h("section", {}, form);
}
function lengths(about, name) {
  return h("div", { class: "field" }, h("label", { for: name }, "Length"), h("select", { id: name, name },
    about.lengths.map(([quarters, words]) => h("option", { value: quarters, selected: quarters === 24 }, `${quarters} quarters: ${words}`))));
}
function run(name, about) {
  return h("div", { class: "field" }, h("label", { for: name }, "Luck: a run's number, empty for any"),
    h("input", { id: name, name, inputmode: "numeric", pattern: "[0-9]{1,6}", size: 8, "aria-describedby": name + "-about" }),
    h("span", { class: "small", id: name + "-about" }, `Who plays the same number meets the same luck (seed ${about.seed}).`));
}
function joining() {
  const seats = h("div", {});
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); doing(async () => {
    const code = form.elements.code.value, found = await ask("look", { code });
    seats.replaceChildren(found.free.length ? h("fieldset", {}, h("legend", {}, "Free seats"), h("div", { class: "roles" },
      found.free.map((role) => h("div", { class: "role" }, h("b", {}, role.name), h("span", {}, role.task),
        h("div", { class: "buttons" }, button("Sit here: " + role.name, () => doing(async () => {
          const given = await ask("join", { code, name: form.elements.player.value, role: role.key });
          remember(given.token, "Room: " + role.name + ", " + new Date().toLocaleString());
          seen = await ask("state"); draw("title"); poll(); }))))))) : h("p", {}, "No seat is free; ask the host."));
    say("Free seats are shown."); }); } },
    h("div", { class: "field" }, h("label", { for: "code" }, "Code of the room"), h("input", { id: "code", name: "code", required: true, maxlength: 40, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" })),
    h("div", { class: "field" }, h("label", { for: "player" }, "Your name"), h("input", { id: "player", name: "player", required: true, maxlength: 24, autocomplete: "nickname" })),
    h("div", { class: "buttons" }, h("button", { class: "main", type: "submit" }, "Show free seats")));
  return h("section", {}, key ? h("h2", {}, "Join a room") : null, form, seats);
}
function opening(about) {
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); doing(async () => {
    const number = form.elements.roomrun.value.trim();
    const given = await ask("room", { quarters: Number(form.elements.roomquarters.value), minutes: Number(form.elements.minutes.value || 0), ...(number ? { run: Number(number) } : {}) });
    keep("airace-view-" + given.token.split(".")[0], given.view);
    remember(given.token, "Host, " + new Date().toLocaleString()); seen = await ask("state"); draw("title"); poll(); }); } },
    h("h2", {}, "Open a room"), h("p", {}, "You are the host: you begin, close rounds, and let things happen. Six can play."),
    lengths(about, "roomquarters"),
    h("div", { class: "field" }, h("label", { for: "minutes" }, "Minutes a round, 0 without a timer"), h("input", { id: "minutes", name: "minutes", type: "number", min: 0, max: 60, step: 0.5, value: 3 })),
    run("roomrun", about), h("div", { class: "buttons" }, h("button", { class: "main", type: "submit" }, "Open the room")));
  return h("section", {}, form);
}

// ---- the connection ---------------------------------------------------------------------------------------------------
function poll() {
  clearTimeout(timer);
  if (!token || !seen || seen.alone) return;
  timer = setTimeout(async () => {
    if (!busy) {
      try {
        const before = seen, told = await ask("state", { since: seen.version });
        if (trouble.dataset.lost) { wrong(""); delete trouble.dataset.lost; }
        if (told && !busy && !pressed && seen === before) {
          seen = told;
          if (onlySeatsMoved(before, told)) document.querySelector(".seats")?.replaceWith(seatList());
          else draw(before.turn && told.turn && before.turn.played !== told.turn.played ? "news-title" : "");
        }
      } catch (error) {
        if (error.lost) trouble.dataset.lost = "yes";
        wrong(error.message);
        if (error.status === 401) { forget(token); inTab("airace-token", ""); token = ""; seen = null; await lobbyOfAll(); return; }
      }
    }
    poll();
  }, POLL);
}
// Whoever is about to click or has a list open keeps what is under their finger: others' readiness redraws nothing else.
function onlySeatsMoved(before, now) {
  const held = (state) => JSON.stringify([state.phase, state.turn && state.turn.played, state.ready, state.pending, state.injects, state.left === null, state.seats.map((seat) => [seat.role, seat.name])]);
  return held(before) === held(now);
}
addEventListener("pointerdown", () => { pressed = true; });
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => { setTimeout(() => { pressed = false; }, 0); });
setInterval(() => {
  const at = document.getElementById("timer");
  if (!at || !closes) return;
  const left = Math.max(0, Math.round((closes - Date.now()) / 1000));
  at.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
}, 500);

// ---- drawing ----------------------------------------------------------------------------------------------------------
function draw(focus) {
  const held = document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...main.querySelectorAll("details[open]")].map((each) => each.id);
  closes = seen.left === null || seen.left === undefined ? 0 : Date.now() + 1000 * seen.left;
  document.body.classList.toggle("wall", seen.who === "view");
  const turn = seen.turn;
  where.replaceChildren(...[seen.role && h("span", {}, "You: " + seen.role.name), turn && h("span", {}, `${turn.quarter}, quarter ${turn.played} of ${turn.quarters}`),
    h("span", {}, `run ${seen.run} of seed ${seen.seed}`), closes ? h("span", { id: "timer", class: "timer" }) : null].filter(Boolean));
  if (turn && draftOf !== turn.played) { draftOf = turn.played; draft = { ...(seen.pending || {}) }; answer = null; }
  if (seen.phase === "over") { if (main.dataset.debrief !== seen.room) ending(); return; }
  delete main.dataset.debrief;
  if (seen.phase === "lobby") waiting(); else if (seen.who === "host" || seen.who === "view") hosting(); else playing();
  for (const id of open) { const at = document.getElementById(id); if (at) at.open = true; }
  if (focus) focusOn(focus); else if (held && document.getElementById(held)) document.getElementById(held).focus({ preventScroll: true });
  if (focus === "news-title" && turn) say(`${turn.quarter}: ${turn.news.length ? turn.news[0].sentence : "Nothing of note happened."}`);
}
function seatList() {
  return h("ul", { class: "seats" }, seen.seats.map((seat) => h("li", { class: seat.ready ? "ready" : "" }, h("b", {}, seat.title), ": " + (seat.name || "you") + (seat.you ? " (you)" : "") + (seen.phase === "play" ? seat.ready ? " – ready" : " – deciding" : ""))));
}
function waiting() {
  const hosts = seen.who === "host", view = hosts && kept("airace-view-" + seen.room);
  show(h("h1", { id: "title", tabindex: "-1" }, hosts ? "Your room is open" : "Waiting for the host to begin"),
    hosts && h("p", {}, "Players open this server's address and type the code:"), hosts && h("p", { class: "code" }, seen.code.match(/.{1,4}/g).join("-")),
    view && h("p", {}, h("a", { href: "#view=" + encodeURIComponent(view), target: "_blank", rel: "noopener" }, "Projector view"), ", for all to see."),
    h("h2", {}, "Who is here"), seen.seats.length ? seatList() : h("p", {}, "Nobody yet."),
    seen.free.length > 0 && h("p", {}, "Free: " + seen.free.map((each) => each.title).join(", ") + ". Free seats follow the model's rules."),
    hosts && h("div", { class: "buttons" }, button("Begin with who is here", () => doing(async () => { seen = await ask("host", { do: "begin" }); draw("news-title"); }, "The first quarter goes by."), { class: "main" })),
    hosts && vacating());
}
function vacating() {
  return seen.seats.length > 0 && h("details", { id: "vacate" }, h("summary", {}, "Give a seat anew"), h("p", {}, "Whoever lost the browser that they played in joins again with the code once their seat is free."),
    h("div", { class: "buttons" }, seen.seats.map((seat) => button("Free the seat of " + seat.title, () => doing(async () => { seen = await ask("host", { do: "vacate", role: seat.role }); draw(); })))));
}
function newsOf(turn) {
  const item = (each, place) => h("li", { class: [each.weight > HEAVY ? "heavy" : "", each.yours ? "yours" : ""].join(" ").trim() },
    h("h2", {}, each.line), h("p", {}, h("span", { class: "muted" }, each.date + (each.whole ? ": " : "")), each.whole ? each.sentence : null), each.why.map((why) => h("p", { class: "why" }, why)));
  return h("section", { class: "news", "aria-labelledby": "news-title" }, h("h1", { id: "news-title", tabindex: "-1" }, "The news of " + turn.quarter),
    turn.news.length ? h("ol", {}, turn.news.map(item)) : h("p", {}, "Nothing of note happened."),
    turn.averted.length > 0 && h("div", { class: "averted" }, h("h2", {}, "In the world where nobody decided anything"),
      list(turn.averted, (each) => `${each.date}: ${each.sentence}`)),
    turn.more.length > 0 && h("details", { id: "more" }, h("summary", {}, `${turn.more.length} lesser item${turn.more.length > 1 ? "s" : ""}`), h("ol", {}, turn.more.map(item))));
}
function gauges(turn) {
  return h("section", { class: "gauges", "aria-label": "Gauges" }, h("h2", { class: "hidden" }, "Gauges"), turn.gauges.map((gauge) => h("div", { class: "gauge" },
    h("h3", {}, gauge.title), gauge.aim ? h("p", { class: "aim" }, "Your aim: " + gauge.aim) : null,
    h("p", { class: "now" }, gauge.value, gauge.change ? h("span", { class: "change " + gauge.good }, gauge.change + " in the quarter" + (gauge.good ? `, ${gauge.good}` : "")) : null),
    fan(gauge, turn), h("p", { class: "small span" }, gauge.years.map((each) => h("span", {}, each))), gauge.expected ? h("p", { class: "small" }, gauge.expected) : null)));
}
function scaled(values, log) { return values.map((each) => each === null ? null : log ? Math.log10(Math.max(each, 1e-9)) : each); }
function fan(gauge, turn) {
  const width = 340, height = 84, path = scaled(gauge.path, gauge.log), bands = gauge.fan.map((line) => scaled(line, gauge.log));
  const all = [...path, ...bands.flat()].filter((each) => each !== null), months = turn.quarters * 3;
  let low = Math.min(...all), high = Math.max(...all);
  if (high - low < 1e-9) { low -= 0.5; high += 0.5; }
  const x = (month) => 2 + (width - 4) * month / Math.max(months - 1, 1), y = (value) => height - 16 - (height - 24) * (value - low) / (high - low);
  const now = path.length - 1, points = (line, from) => line.map((each, place) => each === null ? "" : `${x(from + place).toFixed(1)},${y(each).toFixed(1)}`).filter(Boolean);
  const drawn = s("svg", { class: "fan", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `${gauge.title} so far ${gauge.value}. ${gauge.expected}` });
  drawn.append(s("line", { class: "rule", x1: 0, x2: width, y1: height - 14, y2: height - 14 }));
  if (bands.length && bands[0].length) {
    for (const [below, above, name] of [[0, 4, "outer"], [1, 3, "inner"]]) drawn.append(s("path", { class: name, d: "M" + [...points(bands[above], now), ...points(bands[below], now).reverse()].join("L") + "Z" }));
    drawn.append(s("path", { class: "middle", d: "M" + points(bands[2], now).join("L") }));
  }
  drawn.append(s("path", { class: "line", d: "M" + points(path, 0).join("L") }));
  return drawn;
}
function changedLevers(turn) {
  const found = {};
  for (const each of turn.decisions) if (each.lever in draft && draft[each.lever] !== each.choices[each.chosen].value) found[each.lever] = draft[each.lever];
  return found;
}
function desk(turn) {
  const count = () => Object.keys(changedLevers(turn)).length;
  const left = h("p", { id: "left", "aria-live": "polite" });
  const next = h("button", { class: "main", type: "submit", id: "next" });
  const asking = button("Ask the advisor", () => doing(async () => { answer = await ask("ask", { round: turn.played, moves: changedLevers(turn) }); draw(); focusOn("answer"); say("The advisor has answered."); }, "The advisor lives through forty futures."), { id: "ask" });
  const restate = () => {
    const decided = count();
    left.textContent = decided > turn.most ? `At most ${turn.most} decisions a quarter: take ${decided - turn.most} back.` : `${decided} of ${turn.most} decisions taken for ${turn.next}.`;
    next.textContent = seen.alone ? decided ? `Decide, and let ${turn.next} go by` : `Let ${turn.next} go by` : seen.ready ? "Changed my mind: decide again" : "I am ready";
    next.dataset.off = decided > turn.most ? "yes" : ""; asking.dataset.off = decided === 0 || decided > turn.most ? "yes" : "";
    next.disabled = next.dataset.off === "yes"; asking.disabled = asking.dataset.off === "yes";
    for (const each of turn.decisions) document.getElementById("box-" + each.lever)?.classList.toggle("changed", each.lever in changedLevers(turn));
  };
  const fields = turn.decisions.map((each) => h("div", { class: "decision", id: "box-" + each.lever }, h("label", { for: each.lever }, each.title), 
    h("select", { id: each.lever, disabled: seen.ready, "aria-describedby": "about-" + each.lever, onchange: (event) => { draft[each.lever] = each.choices[Number(event.target.value)].value; answer = null; document.getElementById("answer")?.remove(); restate(); } },
      each.choices.map((choice, place) => h("option", { value: place, selected: each.lever in draft ? draft[each.lever] === choice.value : place === each.chosen }, choice.words + (place === each.chosen ? " – as now" : "")))),
    h("p", { class: "small", id: "about-" + each.lever }, "Now: " + each.now + ". " + each.about)));
  const form = h("form", { class: "desk", "aria-labelledby": "desk-title", onsubmit: (event) => { event.preventDefault(); doing(async () => {
    seen = await ask("decide", { round: turn.played, moves: changedLevers(turn), ready: !seen.ready }); draw(seen.turn.played !== turn.played ? "news-title" : ""); }, seen.alone ? turn.next + " goes by." : ""); } },
    h("h2", { id: "desk-title" }, `Your decisions for ${turn.next}`), left, fields,
    answer && h("div", { class: "answer", id: "answer", tabindex: "-1" }, h("h3", {}, "The advisor, of these decisions"), list(answer, (each) => [h("b", {}, each.gauge + ": "), each.told]), h("p", { class: "small" }, "Mean change against deciding nothing, over 40 futures of this world on other luck, with its 95% interval. The advisor knows how this world works, not its luck.")),
    h("div", { class: "buttons" }, next, asking, seen.alone && button("Let a year go by", () => doing(() => year(turn), "A year goes by."), { id: "year" })),
    seen.alone && turn.played > 1 ? h("div", { class: "buttons" }, button("Go back a quarter", () => doing(async () => { seen = await ask("back"); draftOf = 0; draw("news-title"); }))) : null);
  queueMicrotask(restate);
  return form;
}
async function year(turn) {
  let moves = changedLevers(turn);
  for (let quarter = 0; quarter < YEAR; quarter += 1) {
    seen = await ask("decide", { round: seen.turn.played, moves, ready: true }); moves = {};
    if (seen.turn.over || seen.turn.news.some((each) => each.weight > HEAVY)) break;
  }
  draw("news-title");
}
function takenList(turn) {
  return turn.taken.length > 0 && h("details", { id: "taken" }, h("summary", {}, `What was decided so far (${turn.taken.length})`), list([...turn.taken].reverse(), (each) => `${each.when}, ${each.who}: ${each.what}: ${each.value}`));
}
function playing() {
  const turn = seen.turn;
  show(!seen.alone && seatList(), h("div", { class: "board" }, newsOf(turn), h("div", { class: "side" }, desk(turn), takenList(turn)), gauges(turn)), leaving());
}
function leaving() {
  return h("div", { class: "buttons noprint" }, button("Leave this page; the game is kept", () => { clearTimeout(timer); token = ""; seen = null; inTab("airace-token", ""); document.body.classList.remove("wall"); delete main.dataset.debrief; lobbyOfAll(); }));
}
function hosting() {
  const turn = seen.turn, hosts = seen.who === "host";
  show(seatList(), h("div", { class: "board" }, newsOf(turn), h("div", { class: "side" }, hosts ? hostDesk(turn) : null, takenList(turn)), gauges(turn)), hosts && leaving());
  if (hosts && !kinds) ask("events").then((found) => { kinds = found; draw(); }, () => {});
}
function hostDesk(turn) {
  const actor = h("select", { id: "actor" }), text = h("p", { class: "small", id: "kind-about" });
  const kind = h("select", { id: "kind", "aria-describedby": "kind-about", onchange: () => fill() }, (kinds || []).map((each) => h("option", { value: each.kind }, each.kind.replaceAll("_", " "))));
  const severity = h("input", { id: "severity", type: "number", min: 0, max: 1, step: 0.05, value: 0.5 });
  const fill = () => { const found = (kinds || []).find((each) => each.kind === kind.value); if (!found) return; text.textContent = found.text + ".";
    actor.replaceChildren(...(found.required || !found.actors.length ? [] : [h("option", { value: "" }, "nobody named")]), ...found.actors.map((each) => h("option", { value: each }, each))); actor.disabled = !found.actors.length; actor.parentElement.hidden = actor.disabled; };
  queueMicrotask(fill);
  return h("section", { class: "desk" }, h("h2", {}, "The host: " + (turn.next || "the end")),
    h("div", { class: "buttons" }, button("Close the round now", () => doing(async () => { seen = await ask("host", { do: "close", round: turn.played }); draw("news-title"); }, "The quarter goes by."), { class: "main", id: "close" })),
    h("details", { id: "inject" }, h("summary", {}, "Let something happen"), text,
      h("div", { class: "field" }, h("label", { for: "kind" }, "What"), kind), h("div", { class: "field" }, h("label", { for: "actor" }, "To whom, or by whom"), actor), h("div", { class: "field" }, h("label", { for: "severity" }, "How severe, 0 to 1"), severity),
      h("div", { class: "buttons" }, button("Let it happen in " + turn.next, () => doing(async () => { seen = await ask("host", { do: "inject", kind: kind.value, severity: Number(severity.value), actor: actor.value || null }); draw(); })),
        seen.injects.length > 0 && button("Take back what is planned", () => doing(async () => { seen = await ask("host", { do: "take back" }); draw(); })))),
    seen.injects.length > 0 && list(seen.injects, (each) => `${each.kind.replaceAll("_", " ")}${each.actor ? ", " + each.actor : ""}, severity ${each.severity}`),
    h("details", { id: "code-again" }, h("summary", {}, "Code of the room"), h("p", { class: "code" }, seen.code.match(/.{1,4}/g).join("-"))), vacating());
}

// ---- the debrief ------------------------------------------------------------------------------------------------------
async function ending() {
  main.dataset.debrief = seen.room;
  show(h("h1", { tabindex: "-1", id: "title" }, "The game is over"), h("p", {}, "Each decision is undone on the same luck, and 200 worlds without any decision are lived through. This takes a few seconds."));
  say("The game is over; the debrief is being made.");
  let told;
  try { told = await ask("debrief"); } catch (error) { wrong(error.message); delete main.dataset.debrief; if (error.lost) setTimeout(() => { if (seen && seen.phase === "over") ending(); }, 2 * POLL); return; }
  const mine = told.you ? told.roles[told.you] : null, rest = Object.entries(told.roles).filter(([role]) => role !== told.you);
  show(h("h1", { id: "title", tabindex: "-1" }, `Debrief: ${told.from} to ${told.to}`), mine && ofRole(mine, told, true),
    h("section", {}, h("h2", {}, "The world you made, and the one without decisions"),
      told.only.length || told.averted.length ? [h("p", {}, "The weightiest events that one of the two has and the other has not, on the same luck."),
        h("h3", {}, "Only with the decisions of this game"), told.only.length ? list(told.only, (each) => `${each.date}: ${each.text}`) : h("p", {}, "None of weight."),
        h("h3", {}, "Only without them"), told.averted.length ? list(told.averted, (each) => `${each.date}: ${each.text}`) : h("p", {}, "None of weight.")]
        : h("p", {}, "No event of weight differs: what was decided moved amounts, but no turn of the story."),
      told.injects.length > 0 && [h("h3", {}, "What the host let happen, in both"), list(told.injects, (each) => `${each.when}: ${each.what}${each.who ? ", " + each.who : ""}`)]),
    rest.map(([role, each]) => ofRole(each, told, false, told.names[role])), gauges(seen.turn),
    h("section", {}, h("h2", {}, "How to read this"), h("p", {}, told.read), told.cautions.map((each) => h("p", { class: "small" }, each)),
      h("p", {}, "The game is a scenario file; it gives the same bits with: ", h("code", {}, told.command))),
    h("div", { class: "buttons" }, button("Download the game's file", () => doing(async () => download(await ask("file"), "game.toml"))), button("Print", () => print()),
      seen.alone && button("Go back a quarter", () => doing(async () => { seen = await ask("back"); draftOf = 0; draw("news-title"); }))), leaving());
  focusOn("title"); say("The debrief is here.");
}
function ofRole(role, told, you, name) {
  const heads = role.aims.map((aim) => aim.title);
  const table = (rows, caption, usual) => rows.length > 0 && h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${role.name}: ${caption}` }, h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Decision"), heads.map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.what, h("span", { class: "muted" }, ` ${row.value}, ${row.when}`)), row.effects.map((each) => h("td", {}, h("span", { class: each.good }, each.here + (each.good ? `, ${each.good}` : "")), usual && h("span", { class: "small" }, "in 40 other worlds: " + each.usual))))))));
  const text = you && h("p", { id: "share", class: "share" }, role.summary);
  return h("section", {}, h("h2", {}, you ? `You were ${role.name.replace(/^The/, "the")}` : role.name + (name ? `, played by ${name}` : "")),
    h("div", { class: "aims" }, role.aims.map((aim) => h("div", {}, h("h3", {}, aim.words), h("p", {}, `${aim.title}: `, h("b", {}, aim.value), ", ", aim.told, "."), strip(aim),
      h("p", { class: "small" }, `Without any decision, on the same luck: ${aim.undecided} (${aim.changed}).`)))),
    h("p", {}, "Beside its aims: ", role.beside.map((each) => `${each.title} ${each.value} (${each.changed})`).join("; "), "; in brackets what the decisions of this game changed."),
    role.decisions.length ? table(role.decisions, "What each lever's decisions changed in this run, undone on the same luck", true) : h("p", {}, "Nothing was decided, so nothing was changed."),
    role.singles.length > 0 && h("details", {}, h("summary", {}, "Each decision undone by itself"), table(role.singles, "One decision left out, all others kept", false)),
    you && h("h3", {}, "To send to a friend"), text, you && h("div", { class: "buttons" }, button("Copy", async () => {
      try { await navigator.clipboard.writeText(role.summary); say("Copied."); } catch { getSelection().selectAllChildren(text); say("The text is selected; copy it with your browser."); } })));
}
function strip(aim) {
  const width = 340, height = 62, others = scaled(aim.others, aim.log), [ours] = scaled([aim.ours], aim.log);
  const low = Math.min(ours, ...others), high = Math.max(ours, ...others), x = (value) => 10 + (width - 20) * (high > low ? (value - low) / (high - low) : 0.5);
  const drawn = s("svg", { class: "strip", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `This game is ${aim.told}.` });
  drawn.append(s("line", { class: "rule", x1: 0, x2: width, y1: 46, y2: 46 }));
  const stacks = {};
  for (const each of others) { const at = Math.round(x(each) / 4); stacks[at] = (stacks[at] || 0) + 1; drawn.append(s("circle", { class: "dot", cx: at * 4, cy: Math.max(4, 43 - 2.2 * (stacks[at] - 1)), r: 2.4 })); }
  drawn.append(s("path", { class: "mine", d: `M${x(ours)} 46l6 12h-12z` }));
  drawn.append(s("text", { x: 0, y: 59 }, aim.wanted === "lower" ? "← better" : ""), s("text", { x: width, y: 59, "text-anchor": "end" }, aim.wanted === "higher" ? "better →" : ""));
  return drawn;
}
function download(text, name) {
  const at = URL.createObjectURL(new Blob([text], { type: "application/toml" })), link = h("a", { href: at, download: name });
  document.body.append(link); link.click(); link.remove(); setTimeout(() => URL.revokeObjectURL(at), 1000);
}
enter();
