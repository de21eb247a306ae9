"use strict";
// The page of airace play. All that others typed is put in as text; the server's interface is api/NAME, in JSON.

const main = document.getElementById("main"), where = document.getElementById("where");
const trouble = document.getElementById("trouble"), said = document.getElementById("told");
spoken = JSON.parse(document.getElementById("words").textContent);
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
      "content-type": "application/json", "x-airace-language": spoken.language, ...(token ? { authorization: "Bearer " + token } : {}), ...(key ? { "x-airace-key": key } : {}) } });
  } catch { const lost = new Error(_("The connection to the server is lost. This page tries again, and comes back to its seat.")); lost.lost = true; throw lost; }
  if (response.status === 204) return null;
  const type = response.headers.get("content-type") || "";
  const told = type.startsWith("application/json") ? await response.json() : await response.text();
  if (!response.ok) { const refused = new Error(told.error || _("The server refused.")); refused.status = response.status; throw refused; }
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
const now = () => new Date().toLocaleString(spoken.language);
function list(entries, make) { return h("ul", {}, entries.map((each) => h("li", {}, make(each)))); }

// ---- ways in ----------------------------------------------------------------------------------------------------------
async function enter() {
  const hash = new URLSearchParams(location.hash.slice(1));
  if (hash.get("key")) inTab("airace-key", hash.get("key"));
  if (hash.get("view")) inTab("airace-token", hash.get("view"));
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  key = inTab("airace-key") || ""; token = inTab("airace-token") || "";
  if (token) { try { seen = await ask("state"); draw(); poll(); return; } catch (error) { if (error.lost) { wrong(error.message); setTimeout(enter, POLL); return; } token = ""; inTab("airace-token", ""); wrong(error.message); } }
  await lobbyOfAll();
}
async function lobbyOfAll() {
  let about;
  try { about = await ask("about"); wrong(""); } catch (error) { wrong(error.message); setTimeout(lobbyOfAll, POLL); return; }
  where.replaceChildren(h("span", {}, _("World: {world}", { world: about.world })));
  const opens = !about.key || key, earlier = mySeats();
  show(h("h1", { id: "title", tabindex: "-1" }, !opens ? _("Join a room") : about.rooms ? _("Open a room, join one, or play alone") : _("Who will you be?")),
    earlier.length > 0 && h("section", { "aria-labelledby": "goon" }, h("h2", { id: "goon" }, _("Go on with a game of this browser")),
      h("div", { class: "buttons" }, earlier.slice(0, 6).map((each) => button(each.label, () => doing(async () => {
        token = each.token; seen = await ask("state"); inTab("airace-token", token); draw(); poll(); }))))),
    opens && about.rooms && opening(about), about.rooms && joining(), opens && alone(about));
}
function alone(about) {
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); doing(async () => {
    const role = form.elements.role.value, run = form.elements.run.value.trim();
    const given = await ask("solo", { role, quarters: Number(form.elements.quarters.value), ...(run ? { run: Number(run) } : {}) });
    remember(given.token, _("Alone: {role}, {when}", { role: about.roles.find((each) => each.key === role).name, when: now() }));
    seen = await ask("state"); draft = {}; draw("news-title"); }, _("The first quarter goes by.")); } },
    about.rooms && h("h2", {}, _("Play alone")),
    h("p", {}, _("The world goes forward a quarter at a time. Each quarter you take up to two decisions; then you read what happened, and what led to it. Twenty-four quarters take some twenty minutes. At the end you see what each of your decisions changed, undone on the same luck.")),
    h("fieldset", {}, h("legend", {}, _("Role")), h("div", { class: "roles" }, about.roles.map((role, place) => h("label", { class: "role" },
      h("input", { type: "radio", name: "role", value: role.key, checked: place === 0 }), h("b", {}, role.name), h("span", {}, role.task),
      h("span", { class: "muted" }, _("After: {aims}.", { aims: joined(role.aims) })))))),
    lengths(about, "quarters"), run("run", about),
    h("p", { class: "small" }, _("Single labs are not played: a scenario sets a lab's own traits at its start only, so the labs decide together.")),
    h("div", { class: "buttons" }, h("button", { class: "main", type: "submit" }, _("Begin"))));
  return h("section", {}, form);
}
function lengths(about, name) {
  return h("div", { class: "field" }, h("label", { for: name }, _("Length")), h("select", { id: name, name },
    about.lengths.map(([quarters, words]) => h("option", { value: quarters, selected: quarters === 24 }, _("{quarters} quarters: {years}", { quarters, years: words })))));
}
function run(name, about) {
  return h("div", { class: "field" }, h("label", { for: name }, _("Luck: a run's number, empty for any")),
    h("input", { id: name, name, inputmode: "numeric", pattern: "[0-9]{1,6}", size: 8, "aria-describedby": name + "-about" }),
    h("span", { class: "small", id: name + "-about" }, _("Who plays the same number meets the same luck (seed {seed}).", { seed: about.seed })));
}
function joining() {
  const seats = h("div", {});
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); doing(async () => {
    const code = form.elements.code.value, found = await ask("look", { code });
    seats.replaceChildren(found.free.length ? h("fieldset", {}, h("legend", {}, _("Free seats")), h("div", { class: "roles" },
      found.free.map((role) => h("div", { class: "role" }, h("b", {}, role.name), h("span", {}, role.task),
        h("div", { class: "buttons" }, button(_("Sit here: {role}", { role: role.name }), () => doing(async () => {
          const given = await ask("join", { code, name: form.elements.player.value, role: role.key });
          remember(given.token, _("Room: {role}, {when}", { role: role.name, when: now() }));
          seen = await ask("state"); draw("title"); poll(); }))))))) : h("p", {}, _("No seat is free; ask the host.")));
    say(_("Free seats are shown.")); }); } },
    h("div", { class: "field" }, h("label", { for: "code" }, _("Code of the room")), h("input", { id: "code", name: "code", required: true, maxlength: 40, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" })),
    h("div", { class: "field" }, h("label", { for: "player" }, _("Your name")), h("input", { id: "player", name: "player", required: true, maxlength: 24, autocomplete: "nickname" })),
    h("div", { class: "buttons" }, h("button", { class: "main", type: "submit" }, _("Show free seats"))));
  return h("section", {}, key ? h("h2", {}, _("Join a room")) : null, form, seats);
}
function opening(about) {
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); doing(async () => {
    const number = form.elements.roomrun.value.trim();
    const given = await ask("room", { quarters: Number(form.elements.roomquarters.value), minutes: Number(form.elements.minutes.value || 0), ...(number ? { run: Number(number) } : {}) });
    keep("airace-view-" + given.token.split(".")[0], given.view);
    remember(given.token, _("Host, {when}", { when: now() })); seen = await ask("state"); draw("title"); poll(); }); } },
    h("h2", {}, _("Open a room")), h("p", {}, _("You are the host: you begin, close rounds, and let things happen. Six can play.")),
    lengths(about, "roomquarters"),
    h("div", { class: "field" }, h("label", { for: "minutes" }, _("Minutes a round, 0 without a timer")), h("input", { id: "minutes", name: "minutes", type: "number", min: 0, max: 60, step: 0.5, value: 3 })),
    run("roomrun", about), h("div", { class: "buttons" }, h("button", { class: "main", type: "submit" }, _("Open the room"))));
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
  at.textContent = _("{time} left", { time: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` });
}, 500);

// ---- drawing ----------------------------------------------------------------------------------------------------------
function draw(focus) {
  const held = document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...main.querySelectorAll("details[open]")].map((each) => each.id);
  closes = seen.left === null || seen.left === undefined ? 0 : Date.now() + 1000 * seen.left;
  document.body.classList.toggle("wall", seen.who === "view");
  const turn = seen.turn;
  where.replaceChildren(...[seen.role && h("span", {}, _("You: {role}", { role: seen.role.name })), turn && h("span", {}, _("{quarter}, quarter {played} of {quarters}", turn)),
    h("span", {}, _("run {run} of seed {seed}", seen)), closes ? h("span", { id: "timer", class: "timer" }) : null].filter(Boolean));
  if (turn && draftOf !== turn.played) { draftOf = turn.played; draft = { ...(seen.pending || {}) }; answer = null; }
  if (seen.phase === "over") { if (main.dataset.debrief !== seen.room) ending(); return; }
  delete main.dataset.debrief;
  if (seen.phase === "lobby") waiting(); else if (seen.who === "host" || seen.who === "view") hosting(); else playing();
  for (const id of open) { const at = document.getElementById(id); if (at) at.open = true; }
  if (focus) focusOn(focus); else if (held && document.getElementById(held)) document.getElementById(held).focus({ preventScroll: true });
  if (focus === "news-title" && turn) say(_("{quarter}: {news}", { quarter: turn.quarter, news: turn.news.length ? turn.news[0].sentence : _("Nothing of note happened.") }));
}
function seatList() {
  return h("ul", { class: "seats" }, seen.seats.map((seat) => h("li", { class: seat.ready ? "ready" : "" }, h("b", {}, seat.title), _(": {name}", { name: seat.you ? _("{name} (you)", { name: seat.name || _("you") }) : seat.name || _("you") }) + (seen.phase === "play" ? seat.ready ? _(" – ready") : _(" – deciding") : ""))));
}
function waiting() {
  const hosts = seen.who === "host", view = hosts && kept("airace-view-" + seen.room);
  show(h("h1", { id: "title", tabindex: "-1" }, hosts ? _("Your room is open") : _("Waiting for the host to begin")),
    hosts && h("p", {}, _("Players open this server's address and type the code:")), hosts && h("p", { class: "code" }, seen.code.match(/.{1,4}/g).join("-")),
    view && h("p", {}, h("a", { href: "#view=" + encodeURIComponent(view), target: "_blank", rel: "noopener" }, _("Projector view")), _(", for all to see.")),
    h("h2", {}, _("Who is here")), seen.seats.length ? seatList() : h("p", {}, _("Nobody yet.")),
    seen.free.length > 0 && h("p", {}, _("Free: {roles}. Free seats follow the model's rules.", { roles: seen.free.map((each) => each.title).join(_(", ")) })),
    hosts && h("div", { class: "buttons" }, button(_("Begin with who is here"), () => doing(async () => { seen = await ask("host", { do: "begin" }); draw("news-title"); }, _("The first quarter goes by.")), { class: "main" })),
    hosts && vacating());
}
function vacating() {
  return seen.seats.length > 0 && h("details", { id: "vacate" }, h("summary", {}, _("Give a seat anew")), h("p", {}, _("Whoever lost the browser that they played in joins again with the code once their seat is free.")),
    h("div", { class: "buttons" }, seen.seats.map((seat) => button(_("Free the seat of {role}", { role: seat.title }), () => doing(async () => { seen = await ask("host", { do: "vacate", role: seat.role }); draw(); })))));
}
function newsOf(turn) {
  const item = (each, place) => h("li", { class: [each.weight > HEAVY ? "heavy" : "", each.yours ? "yours" : ""].join(" ").trim() },
    h("h2", {}, each.line), h("p", {}, h("span", { class: "muted" }, each.whole ? _("{date}: ", { date: each.date }) : each.date), each.whole ? each.sentence : null), each.why.map((why) => h("p", { class: "why" }, why)));
  return h("section", { class: "news", "aria-labelledby": "news-title" }, h("h1", { id: "news-title", tabindex: "-1" }, _("The news of {quarter}", turn)),
    turn.news.length ? h("ol", {}, turn.news.map(item)) : h("p", {}, _("Nothing of note happened.")),
    turn.averted.length > 0 && h("div", { class: "averted" }, h("h2", {}, _("In the world where nobody decided anything")),
      list(turn.averted, (each) => _("{date}: {event}", { date: each.date, event: each.sentence }))),
    turn.more.length > 0 && h("details", { id: "more" }, h("summary", {}, ngettext("{number} lesser item", "{number} lesser items", turn.more.length)), h("ol", {}, turn.more.map(item))));
}
function gauges(turn) {
  return h("section", { class: "gauges", "aria-label": _("Gauges") }, h("h2", { class: "hidden" }, _("Gauges")), turn.gauges.map((gauge) => h("div", { class: "gauge" },
    h("h3", {}, gauge.title), gauge.aim ? h("p", { class: "aim" }, _("Your aim: {aim}", gauge)) : null,
    h("p", { class: "now" }, gauge.value, gauge.change ? h("span", { class: "change " + gauge.good }, gauge.told) : null),
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
  const drawn = s("svg", { class: "fan", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": _("{title} so far {value}. {expected}", gauge) });
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
  const asking = button(_("Ask the advisor"), () => doing(async () => { answer = await ask("ask", { round: turn.played, moves: changedLevers(turn) }); draw(); focusOn("answer"); say(_("The advisor has answered.")); }, _("The advisor lives through forty futures.")), { id: "ask" });
  const restate = () => {
    const decided = count();
    left.textContent = decided > turn.most ? _("At most {most} decisions a quarter: take {number} back.", { most: turn.most, number: decided - turn.most }) : _("{decided} of {most} decisions taken for {quarter}.", { decided, most: turn.most, quarter: turn.next });
    next.textContent = seen.alone ? decided ? _("Decide, and let {next} go by", turn) : _("Let {next} go by", turn) : seen.ready ? _("Changed my mind: decide again") : _("I am ready");
    next.dataset.off = decided > turn.most ? "yes" : ""; asking.dataset.off = decided === 0 || decided > turn.most ? "yes" : "";
    next.disabled = next.dataset.off === "yes"; asking.disabled = asking.dataset.off === "yes";
    for (const each of turn.decisions) document.getElementById("box-" + each.lever)?.classList.toggle("changed", each.lever in changedLevers(turn));
  };
  const fields = turn.decisions.map((each) => h("div", { class: "decision", id: "box-" + each.lever }, h("label", { for: each.lever }, each.title), 
    h("select", { id: each.lever, disabled: seen.ready, "aria-describedby": "about-" + each.lever, onchange: (event) => { draft[each.lever] = each.choices[Number(event.target.value)].value; answer = null; document.getElementById("answer")?.remove(); restate(); } },
      each.choices.map((choice, place) => h("option", { value: place, selected: each.lever in draft ? draft[each.lever] === choice.value : place === each.chosen }, place === each.chosen ? _("{choice} – as now", { choice: choice.words }) : choice.words))),
    h("p", { class: "small", id: "about-" + each.lever }, _("Now: {now}. {about}", each))));
  const form = h("form", { class: "desk", "aria-labelledby": "desk-title", onsubmit: (event) => { event.preventDefault(); doing(async () => {
    seen = await ask("decide", { round: turn.played, moves: changedLevers(turn), ready: !seen.ready }); draw(seen.turn.played !== turn.played ? "news-title" : ""); }, seen.alone ? _("{next} goes by.", turn) : ""); } },
    h("h2", { id: "desk-title" }, _("Your decisions for {next}", turn)), left, fields,
    answer && h("div", { class: "answer", id: "answer", tabindex: "-1" }, h("h3", {}, _("The advisor, of these decisions")), list(answer, (each) => [h("b", {}, _("{gauge}: ", each)), each.told]), h("p", { class: "small" }, _("Mean change against deciding nothing, over 40 futures of this world on other luck, with its 95% interval. The advisor knows how this world works, not its luck."))),
    h("div", { class: "buttons" }, next, asking, seen.alone && button(_("Let a year go by"), () => doing(() => year(turn), _("A year goes by.")), { id: "year" })),
    seen.alone && turn.played > 1 ? h("div", { class: "buttons" }, button(_("Go back a quarter"), () => doing(async () => { seen = await ask("back"); draftOf = 0; draw("news-title"); }))) : null);
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
  return turn.taken.length > 0 && h("details", { id: "taken" }, h("summary", {}, _("What was decided so far ({count})", { count: turn.taken.length })), list([...turn.taken].reverse(), (each) => _("{when}, {who}: {what}: {value}", each)));
}
function playing() {
  const turn = seen.turn;
  show(!seen.alone && seatList(), h("div", { class: "board" }, newsOf(turn), h("div", { class: "side" }, desk(turn), takenList(turn)), gauges(turn)), leaving());
}
function leaving() {
  return h("div", { class: "buttons noprint" }, button(_("Leave this page; the game is kept"), () => { clearTimeout(timer); token = ""; seen = null; inTab("airace-token", ""); document.body.classList.remove("wall"); delete main.dataset.debrief; lobbyOfAll(); }));
}
function hosting() {
  const turn = seen.turn, hosts = seen.who === "host";
  show(seatList(), h("div", { class: "board" }, newsOf(turn), h("div", { class: "side" }, hosts ? hostDesk(turn) : null, takenList(turn)), gauges(turn)), hosts && leaving());
  if (hosts && !kinds) ask("events").then((found) => { kinds = found; draw(); }, () => {});
}
function hostDesk(turn) {
  const actor = h("select", { id: "actor" }), text = h("p", { class: "small", id: "kind-about" });
  const kind = h("select", { id: "kind", "aria-describedby": "kind-about", onchange: () => fill() }, (kinds || []).map((each) => h("option", { value: each.kind }, each.name)));
  const severity = h("input", { id: "severity", type: "number", min: 0, max: 1, step: 0.05, value: 0.5 });
  const fill = () => { const found = (kinds || []).find((each) => each.kind === kind.value); if (!found) return; text.textContent = found.text + ".";
    actor.replaceChildren(...(found.required || !found.actors.length ? [] : [h("option", { value: "" }, _("nobody named"))]), ...found.actors.map((each) => h("option", { value: each[0] }, each[1]))); actor.disabled = !found.actors.length; actor.parentElement.hidden = actor.disabled; };
  queueMicrotask(fill);
  return h("section", { class: "desk" }, h("h2", {}, _("The host: {quarter}", { quarter: turn.next || _("the end") })),
    h("div", { class: "buttons" }, button(_("Close the round now"), () => doing(async () => { seen = await ask("host", { do: "close", round: turn.played }); draw("news-title"); }, _("The quarter goes by.")), { class: "main", id: "close" })),
    h("details", { id: "inject" }, h("summary", {}, _("Let something happen")), text,
      h("div", { class: "field" }, h("label", { for: "kind" }, _("What")), kind), h("div", { class: "field" }, h("label", { for: "actor" }, _("To whom, or by whom")), actor), h("div", { class: "field" }, h("label", { for: "severity" }, _("How severe, 0 to 1")), severity),
      h("div", { class: "buttons" }, button(_("Let it happen in {next}", turn), () => doing(async () => { seen = await ask("host", { do: "inject", kind: kind.value, severity: Number(severity.value), actor: actor.value || null }); draw(); })),
        seen.injects.length > 0 && button(_("Take back what is planned"), () => doing(async () => { seen = await ask("host", { do: "take back" }); draw(); })))),
    seen.injects.length > 0 && list(seen.injects, (each) => each.actor ? _("{kind}, {actor}, severity {severity}", each) : _("{kind}, severity {severity}", each)),
    h("details", { id: "code-again" }, h("summary", {}, _("Code of the room")), h("p", { class: "code" }, seen.code.match(/.{1,4}/g).join("-"))), vacating());
}

// ---- the debrief ------------------------------------------------------------------------------------------------------
async function ending() {
  main.dataset.debrief = seen.room;
  show(h("h1", { tabindex: "-1", id: "title" }, _("The game is over")), h("p", {}, _("Each decision is undone on the same luck, and 200 worlds without any decision are lived through. This takes a few seconds.")));
  say(_("The game is over; the debrief is being made."));
  let told;
  try { told = await ask("debrief"); } catch (error) { wrong(error.message); delete main.dataset.debrief; if (error.lost) setTimeout(() => { if (seen && seen.phase === "over") ending(); }, 2 * POLL); return; }
  const mine = told.you ? told.roles[told.you] : null, rest = Object.entries(told.roles).filter(([role]) => role !== told.you);
  show(h("h1", { id: "title", tabindex: "-1" }, _("Debrief: {from} to {to}", told)), mine && ofRole(mine, told, true),
    h("section", {}, h("h2", {}, _("The world you made, and the one without decisions")),
      told.only.length || told.averted.length ? [h("p", {}, _("The weightiest events that one of the two has and the other has not, on the same luck.")),
        h("h3", {}, _("Only with the decisions of this game")), told.only.length ? list(told.only, (each) => _("{date}: {event}", { date: each.date, event: each.text })) : h("p", {}, _("None of weight.")),
        h("h3", {}, _("Only without them")), told.averted.length ? list(told.averted, (each) => _("{date}: {event}", { date: each.date, event: each.text })) : h("p", {}, _("None of weight."))]
        : h("p", {}, _("No event of weight differs: what was decided moved amounts, but no turn of the story.")),
      told.injects.length > 0 && [h("h3", {}, _("What the host let happen, in both")), list(told.injects, (each) => each.who ? _("{when}: {what}, {who}", each) : _("{when}: {what}", each))]),
    rest.map(([role, each]) => ofRole(each, told, false, told.names[role])), gauges(seen.turn),
    h("section", {}, h("h2", {}, _("How to read this")), h("p", {}, told.read), told.cautions.map((each) => h("p", { class: "small" }, each)),
      h("p", {}, _("The game is a scenario file; it gives the same bits with: "), h("code", {}, told.command))),
    h("div", { class: "buttons" }, button(_("Download the game's file"), () => doing(async () => download(await ask("file"), "game.toml"))), button(_("Print"), () => print()),
      seen.alone && button(_("Go back a quarter"), () => doing(async () => { seen = await ask("back"); draftOf = 0; draw("news-title"); }))), leaving());
  focusOn("title"); say(_("The debrief is here."));
}
function ofRole(role, told, you, name) {
  const heads = role.aims.map((aim) => aim.title);
  const table = (rows, caption, usual) => rows.length > 0 && h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": _("{role}: {caption}", { role: role.name, caption }) }, h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, _("Decision")), heads.map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.what, h("span", { class: "muted" }, _(" {value}, {when}", row))), row.effects.map((each) => h("td", {}, h("span", { class: each.good }, each.here), usual && h("span", { class: "small" }, _("in 40 other worlds: {change}", { change: each.usual })))))))));
  const text = you && h("p", { id: "share", class: "share" }, role.summary);
  return h("section", {}, h("h2", {}, you ? _("You were {role}", { role: role.name.replace(/^The/, "the").replace(/^Les? /, (article) => article.toLowerCase()).replace(/^La /, "la ") }) : name ? _("{role}, played by {name}", { role: role.name, name }) : role.name),
    h("div", { class: "aims" }, role.aims.map((aim) => h("div", {}, h("h3", {}, aim.words), h("p", {}, _("{title}: ", aim), h("b", {}, aim.value), _(", {told}.", aim)), strip(aim),
      h("p", { class: "small" }, _("Without any decision, on the same luck: {undecided} ({changed}).", aim))))),
    h("p", {}, _("Beside its aims: {outcomes}; in brackets what the decisions of this game changed.", { outcomes: joined(role.beside.map((each) => _("{title} {value} ({changed})", each))) })),
    role.decisions.length ? table(role.decisions, _("What each lever's decisions changed in this run, undone on the same luck"), true) : h("p", {}, _("Nothing was decided, so nothing was changed.")),
    role.singles.length > 0 && h("details", {}, h("summary", {}, _("Each decision undone by itself")), table(role.singles, _("One decision left out, all others kept"), false)),
    you && h("h3", {}, _("To send to a friend")), text, you && h("div", { class: "buttons" }, button(_("Copy"), async () => {
      try { await navigator.clipboard.writeText(role.summary); say(_("Copied.")); } catch { getSelection().selectAllChildren(text); say(_("The text is selected; copy it with your browser.")); } })));
}
function strip(aim) {
  const width = 340, height = 62, others = scaled(aim.others, aim.log), [ours] = scaled([aim.ours], aim.log);
  const low = Math.min(ours, ...others), high = Math.max(ours, ...others), x = (value) => 10 + (width - 20) * (high > low ? (value - low) / (high - low) : 0.5);
  const drawn = s("svg", { class: "strip", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": _("This game is {told}.", aim) });
  drawn.append(s("line", { class: "rule", x1: 0, x2: width, y1: 46, y2: 46 }));
  const stacks = {};
  for (const each of others) { const at = Math.round(x(each) / 4); stacks[at] = (stacks[at] || 0) + 1; drawn.append(s("circle", { class: "dot", cx: at * 4, cy: Math.max(4, 43 - 2.2 * (stacks[at] - 1)), r: 2.4 })); }
  drawn.append(s("path", { class: "mine", d: `M${x(ours)} 46l6 12h-12z` }));
  drawn.append(s("text", { x: 0, y: 59 }, aim.wanted === "lower" ? _("← better") : ""), s("text", { x: width, y: 59, "text-anchor": "end" }, aim.wanted === "higher" ? _("better →") : ""));
  return drawn;
}
function download(text, name) {
  const at = URL.createObjectURL(new Blob([text], { type: "application/toml" })), link = h("a", { href: at, download: name });
  document.body.append(link); link.click(); link.remove(); setTimeout(() => URL.revokeObjectURL(at), 1000);
}
enter();
