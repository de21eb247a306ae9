/* The page: sliders, the link, files, and all of it drawn anew. */

// ---- controls --------------------------------------------------------------------------------------------------
const byKey = Object.fromEntries(data.axes.map(axis => [axis.key, axis]));
const start = Object.fromEntries(data.axes.map(axis => [axis.key, axis.base]));
const state = {place: {...start}, reference: {...start}, shown: data.shown.slice()};
const controls = {}, figures = new Map();

function control(axis, number) {
  const box = html("div", {class: "control"}), id = `axis${number}`, label = html("label", {for: id}, axis.name);
  const output = html("output", {for: id});
  let input;
  if (axis.kind === "choice") {
    input = html("select", {id});
    axis.values.forEach((value, k) => input.append(html("option", {value: k}, axis.labels[k])));
    input.addEventListener("change", () => { state.place[axis.key] = axis.values[Number(input.value)]; changed(); });
    controls[axis.key] = () => {
      input.value = axis.values.indexOf(state.place[axis.key]);
      output.textContent = settingText(axis, state.place[axis.key]);
    };
    output.classList.add("print-only");
    box.append(label, output, input);
  } else {
    input = html("input", {id, type: "range", min: 0, max: axis.stops.length - 1, step: 1});
    input.addEventListener("input", () => { state.place[axis.key] = axis.stops[Number(input.value)]; changed(); });
    controls[axis.key] = () => {
      const value = state.place[axis.key];
      let nearest = 0;
      axis.stops.forEach((stop, k) => {
        if (Math.abs(stop - value) < Math.abs(axis.stops[nearest] - value)) nearest = k;
      });
      input.value = nearest;
      const text = settingText(axis, value);
      input.setAttribute("aria-valuetext", text);
      const other = state.reference[axis.key];
      output.textContent = value === other ? text : _("{value} (reference {other})", {value: text, other: settingText(axis, other)});
    };
    box.append(label, output, input);
    if (axis.ends) {
      const ends = html("div", {class: "ends", "aria-hidden": "true"});
      ends.append(html("span", {}, axis.ends[0]), html("span", {}, axis.ends[1]));
      box.append(ends);
    }
  }
  return box;
}

function toggles() {
  const box = document.getElementById("outcomes");
  data.outcomes.forEach((about, outcome) => {
    const label = html("label", {class: "toggle"}), input = html("input", {type: "checkbox"});
    input.checked = state.shown.includes(outcome);
    input.addEventListener("change", () => {
      state.shown = data.outcomes.map((_, k) => k).filter(k => k === outcome ? input.checked : state.shown.includes(k));
      changed();
    });
    label.append(input, document.createTextNode(about.heading));
    box.append(label);
    controls[`show ${outcome}`] = () => { input.checked = state.shown.includes(outcome); };
  });
}

/* The simulated point of the present block that lies nearest, each axis from 0 to 1. */
function nearest() {
  const block = blockOf(state.place), at = numbers.map(axis => scaled(axis, state.place[axis.key]));
  let best = 0, least = Infinity;
  for (let k = 0; k < block.count; k++) {
    const far = located[block.first + k].reduce((sum, x, axis) => sum + (x - at[axis]) ** 2, 0);
    if (far < least) [best, least] = [k, far];
  }
  numbers.forEach((axis, k) => { state.place[axis.key] = data.exact[block.first + best][k]; });
}

// ---- all of it anew --------------------------------------------------------------------------------------------
let waiting = false, speaking = 0, linking = 0;

function draw() {
  const views = state.shown.map(outcome => [outcome, view(outcome)]);
  const box = document.getElementById("charts"), wanted = state.shown.map(outcome => {
    if (!figures.has(outcome)) figures.set(outcome, figureOf(outcome));
    return figures.get(outcome);
  });
  if (box.children.length !== wanted.length || wanted.some((each, k) => box.children[k] !== each.figure))
    box.replaceChildren(...wanted.map(each => each.figure));
  views.forEach(([, found], k) => wanted[k].redraw(found));
  const sentences = finding(views);
  document.getElementById("said").replaceChildren(...sentences.map(text => html("p", {class: "finding"}, text)));
  document.getElementById("standing").textContent = standing(views);
  overview(views);
  for (const sync of Object.values(controls)) sync();
  clearTimeout(speaking);
  speaking = setTimeout(() => { document.getElementById("spoken").textContent = sentences.join(" "); }, 600);
}

function changed() {
  document.getElementById("notice").textContent = "";
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }
  clearTimeout(linking);
  linking = setTimeout(() => history.replaceState(null, "", link()), 150);
}

// ---- the link --------------------------------------------------------------------------------------------------
function link() {
  const held = new URLSearchParams();
  for (const axis of data.axes) held.set(axis.key, String(state.place[axis.key]));
  for (const axis of data.axes) {
    const other = state.reference[axis.key];
    if (other !== axis.base) held.set(`ref.${axis.key}`, String(other));
  }
  if (asked) held.set("lang", asked);
  held.set("show", state.shown.map(outcome => data.outcomes[outcome].name).join(","));
  return `#${held}`;
}

/* Take what a link holds; whatever it says that this page does not have is left out, and said. */
function restore() {
  const wrong = [];
  state.place = {...start};
  state.reference = {...start};
  state.shown = data.shown.slice();
  for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
    const own = key.startsWith("ref.") ? key.slice(4) : key, into = own === key ? state.place : state.reference;
    if (key === "lang") continue;
    if (key === "show") {
      const names = text.split(",").filter(name => name);
      const known = names.map(name => data.outcomes.findIndex(about => about.name === name));
      names.forEach((name, k) => {
        if (known[k] < 0) wrong.push(_("it shows {name}, which this page does not hold", {name: name.slice(0, 60)}));
      });
      state.shown = [...new Set(known.filter(k => k >= 0))].sort((a, b) => a - b);
    } else if (!Object.hasOwn(byKey, own)) wrong.push(_("it sets {name}, for which this page has no slider", {name: own.slice(0, 60)}));
    else {
      const axis = byKey[own];
      if (axis.kind === "choice") {
        const value = axis.values.find(each => String(each) === text);
        if (value === undefined) wrong.push(_("{lever} cannot be {value}", {lever: axis.name, value: text.slice(0, 60)}));
        else into[own] = value;
      } else {
        const value = text.trim() === "" ? NaN : Number(text);
        const told = {lever: axis.name, low: plain(axis.low), high: plain(axis.high), value: text.slice(0, 60)};
        if (!(value >= axis.low && value <= axis.high))
          wrong.push(_("{lever} goes from {low} to {high}, and is not {value}", told));
        else into[own] = value;
      }
    }
  }
  for (const place of [state.place, state.reference]) if (!blockOf(place)) Object.assign(place, start);
  const notice = wrong.length ? _("Part of this link was left out: {parts}.", {parts: joined(wrong)}) : "";
  document.getElementById("notice").textContent = notice;
  draw();
}

// ---- files -----------------------------------------------------------------------------------------------------
function save(name, kind, text) {
  const address = URL.createObjectURL(new Blob([text], {type: kind}));
  const anchor = html("a", {href: address, download: name});
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function csv() {
  const lines = [["outcome", "unit", "month", ...HEAD]];
  for (const outcome of state.shown) {
    const found = view(outcome), about = data.outcomes[outcome];
    if (!found.blind) for (const row of rowsOf(outcome, found)) lines.push([about.name, about.plainUnit, ...row]);
  }
  const quoted = text => /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  return lines.map(line => line.map(quoted).join(",")).join("\n") + "\n";
}

/* The base's file with this point's values in their places: parts of text, and between them an axis's number. */
function scenarioFile() {
  return blockOf(state.place).file.map(part => {
    if (typeof part === "string") return part;
    const text = String(state.place[numbers[part].key]);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }).join("");
}

// ---- begin -----------------------------------------------------------------------------------------------------
const panel = document.getElementById("axes");
data.axes.forEach((axis, number) => panel.append(control(axis, number)));
toggles();
const on = (id, action) => document.getElementById(id).addEventListener("click", action);
on("to-reference", () => { state.place = {...state.reference}; changed(); });
on("make-reference", () => { state.reference = {...state.place}; changed(); });
on("first-reference", () => { state.reference = {...start}; changed(); });
on("nearest", () => { nearest(); changed(); });
on("save-numbers", () => save("explorer.csv", "text/csv", csv()));
on("save-scenario", () => save("explorer.toml", "application/toml", scenarioFile()));
/* Another language is another page; what is chosen goes along in the link. */
for (const each of document.querySelectorAll(".languages a")) each.addEventListener("click", event => {
  event.preventDefault();
  asked = each.hreflang;
  history.replaceState(null, "", link());
  location.reload();
});
window.addEventListener("hashchange", () => {
  const wished = wishedIn(location.hash);
  if (wished && wished !== spoken.language) location.reload();
  else restore();
});
window.addEventListener("resize", () => draw());
restore();
// For tests and the curious: what the page computes, without the page.
window.explorer = {state, data, estimate, view, draw, csv, scenarioFile, link, magnitude, valueText};
