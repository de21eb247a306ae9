/* Numbers, differences and findings in words, as airace's reports have them. */

// ---- numbers in words, as in airace's reports --------------------------------------------------------------------
const minus = text => text.replace(/-/g, "−");

function fixed(value, decimals, strip) {
  if (!Number.isFinite(value)) return "n/a";
  const scale = 10 ** Math.max(-decimals, 0);
  let text = (Math.round(value / scale) * scale).toFixed(0);
  if (decimals > 0) text = value.toFixed(Math.min(decimals, 100));
  if (decimals === 0) text = value.toFixed(0);
  if (Number(text) === 0) text = text.replace("-", "");
  let [whole, fraction] = text.split(".");
  whole = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  if (strip && fraction) fraction = fraction.replace(/0+$/, "");
  return fraction ? `${whole}.${fraction}` : whole;
}

function plain(value, digits = 3) {
  if (!Number.isFinite(value)) return "n/a";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -6 || exponent >= 15) return value.toExponential(digits - 1).replace("e", " x 10^").replace("+", "");
  return fixed(value, digits - 1 - exponent, true);
}

function percent(share, digits = 2) {
  if (0 < share && share < 0.001) return "<0.1%";
  if (0.999 < share && share < 1) return ">99.9%";
  return fixed(100 * share, Math.abs(100 * share) >= 10 ? 0 : digits - 1, true) + "%";
}

const SCALES = [[1e3, "tn"], [1, "bn"], [1e-3, "mn"], [1e-6, "k"]];

function money(billions, digits = 2) {
  if (!Number.isFinite(billions) || billions === 0) return billions === 0 ? "$0" : "n/a";
  const size = Number(Math.abs(billions).toPrecision(digits));
  const [scale, suffix] = SCALES.find(pair => size >= pair[0]) ?? [1e-9, ""];
  const shown = plain(size / scale, size / scale >= 100 ? Math.max(digits, 3) : digits);
  return `${billions < 0 ? "-" : ""}$${shown}${suffix}`;
}

const RAISED = Object.fromEntries([..."0123456789-."].map((sign, k) => [sign, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·"[k]]));
const powerOfTen = exponent => "10" + plain(exponent).replace(/[\d.-]/g, each => RAISED[each]);

/* A value as a table shows it: "$1.2bn", "12%", "2 × 10²⁶ FLOP". */
function valueText(about, x) {
  if (about.kind === "usd") return minus(money(x * about.scale, 3));
  if (about.kind === "share") return minus(percent(x, Math.abs(x) < 0.1 ? 3 : 2));
  if (about.kind === "flop") {
    const exponent = Math.floor(x);
    return `${plain(10 ** (x - exponent), 2)} × ${powerOfTen(exponent)} ${about.noun}`;
  }
  return minus(plain(x)) + (about.kind === "months" ? " months" : "");
}

function scaledTo(about, x, largest) {
  if (about.kind === "usd") {
    const billions = x * about.scale, size = largest * about.scale;
    const [limit, suffix] = SCALES.find(pair => size >= pair[0] * 0.9995) ?? [1e-9, ""];
    return [billions / limit, "$", suffix];
  }
  if (about.kind === "share") return [100 * x, "", " points"];
  return [x, "", about.kind === "months" ? " months" : ""];
}

/* Decimals for an estimate and its interval, as fine as the interval. */
function places(low, high, size) {
  const half = (high - low) / 2, largest = Math.max(Math.abs(low), Math.abs(high));
  if (!Number.isFinite(half) || half <= 0 || largest >= 1e15)
    return size > 0 ? 2 - Math.floor(Math.log10(size)) : 2;
  const most = size ? 2 - Math.floor(Math.log10(Math.abs(size))) : 9, exponent = Math.floor(Math.log10(half));
  let found = Math.min(most, (half / 10 ** exponent < 3.55 ? 1 : 0) - exponent);
  for (const end of [low, high])
    while (end !== 0 && found < most && Number(end.toFixed(Math.max(found, 0))) === 0) found++;
  return Math.min(found, 9);
}

const times = (exponent, digits) => Math.abs(exponent) < 6 ? plain(10 ** exponent, digits) : powerOfTen(exponent);
const way = (about, x) => about.words[x < 0 ? 0 : 1];

/* A difference and its range in words: ["3.1 fewer", "2.4 to 3.8 fewer"]. */
function magnitude(about, {size, low, high}) {
  let text, ends;
  if (about.kind === "flop") {
    text = `${times(Math.abs(size), 2)} times`;
    ends = [low, high].map(end => `${times(Math.abs(end), 3)} times`);
  } else {
    const largest = Math.max(...[size, low, high].filter(Number.isFinite).map(Math.abs));
    const sides = [Math.abs(size), low, high].map(x => scaledTo(about, x, largest));
    const decimals = places(sides[1][0], sides[2][0], sides[0][0]);
    [text, ...ends] = sides.map(([x, before, after]) => `${before}${fixed(Math.abs(x), decimals)}${after}`);
  }
  text += ` ${way(about, size)}`;
  if (!Number.isFinite(low)) return [text, "no interval: one run at each point"];
  if (low < 0 && high > 0) return [text, `${ends[0]} ${way(about, low)} to ${ends[1]} ${way(about, high)}`];
  const [near, far] = Math.abs(low) <= Math.abs(high) ? ends : [ends[1], ends[0]];
  const shared = [" points", " months", " times"].find(after => near.endsWith(after) && far.endsWith(after)) ?? "";
  const bare = near.slice(0, near.length - shared.length);
  return [text, `${bare} to ${far} ${way(about, Math.abs(low) > Math.abs(high) ? low : high)}`];
}

/* A number on an axis. */
function tickText(about, x) {
  if (about.kind === "usd") return minus(money(x * about.scale));
  if (about.kind === "share") return minus(percent(x));
  return minus(about.kind === "flop" ? powerOfTen(x) : plain(x));
}

/* A difference on an axis. */
function differenceTick(about, x) {
  if (x === 0) return about.kind === "flop" ? "×1" : "0";
  const sign = x < 0 ? "−" : "+";
  if (about.kind === "flop") return `${x < 0 ? "÷" : "×"}${times(Math.abs(x), 2)}`;
  const [scaledValue, before, after] = scaledTo(about, Math.abs(x), Math.abs(x));
  return `${sign}${before}${plain(scaledValue, 2)}${about.kind === "usd" ? after : ""}`;
}

/* A difference in standard deviations over runs. */
const spread = (outcome, x) => data.outcomes[outcome].spread > 0 ? x / data.outcomes[outcome].spread : x;

// ---- what is said ------------------------------------------------------------------------------------------------
function toldOf(about, found) {
  const last = found.differences[LAST];
  const [here, there] = [found.chosen, found.reference].map(each => valueText(about, each.columns[LAST].mean));
  const mean = `${here} on average, ${there} at the reference`;
  if (last.low === 0 && last.high === 0 && last.size === 0) return `${about.summary}: ${mean}; no difference.`;
  const [size, range] = magnitude(about, last);
  const verdict = isClear(last) || !Number.isFinite(last.low) ? "" : "no clear difference: ";
  return `${about.summary}: ${mean}; ${verdict}${size} (${range}).`;
}

function settingText(axis, value) {
  if (axis.kind === "choice") return axis.labels[axis.values.indexOf(value)];
  if (axis.unit.startsWith("$")) return `$${plain(value)}${axis.unit.slice(1)}`;
  return plain(value) + (axis.unit ? ` ${axis.unit}` : "");
}

const listed = items => items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items.at(-1)}` : items.join("");

/* The sentences at the top: what the chosen point does against the reference, what harms with what helps. */
function finding(views) {
  const moved = data.axes.filter(axis => state.place[axis.key] !== state.reference[axis.key]);
  if (!moved.length) return ["The chosen point is the reference: move a slider, and see what changes."];
  const at = listed(moved.map(axis => {
    const [here, there] = [state.place, state.reference].map(place => settingText(axis, place[axis.key]));
    return `${axis.inside} at ${here} instead of ${there}`;
  }));
  const clear = [], unclear = [], blind = [];
  for (const [outcome, found] of views) {
    const about = data.outcomes[outcome], last = found.differences[LAST];
    if (found.blind) blind.push(about.inside);
    else if (isClear(last)) clear.push({about, last, size: Math.abs(spread(outcome, last.size))});
    else unclear.push(about.inside);
  }
  clear.sort((a, b) => b.size - a.size);
  const told = clear.map(({about, last}) => {
    const [size, range] = magnitude(about, last), better = (last.size > 0) === (about.better === "higher");
    return `${about.inside} ${size} (${range})${about.better ? `, which is ${better ? "better" : "worse"}` : ""}`;
  });
  const sentences = [`With ${at}${told.length ? `: ${told.join("; ")}` : " nothing that is shown clearly differs"}.`];
  if (unclear.length && clear.length) sentences.push(`No clear difference in ${listed(unclear)}.`);
  if (blind.length) sentences.push(`Too uneven to interpolate here: ${listed(blind)}.`);
  return sentences;
}

function standing(views) {
  const ends = views.length ? views[0][1] : {chosen: estimate(0, state.place), reference: referenceOf(0)};
  const said = (name, end) => end.simulated >= 0 ? `${name} was simulated`
    : `${name} is interpolated between ${end.block.count.toLocaleString("en")} simulated points`;
  return `${said("The chosen point", ends.chosen)}; ${said("the reference", ends.reference)}. Ranges hold what `
    + `${data.covers} would change, at 95%, and what the interpolation may miss.`;
}

/* A table's rows, as texts; the file of numbers has the same. */
const HEAD = ["5%", "25%", "median", "75%", "95%", "mean", "reference median", "reference mean",
              "difference", "low", "high"];
const cell = x => Number.isFinite(x) ? String(Number(x.toPrecision(4))) : "";
function rowsOf(outcome, found) {
  const about = data.outcomes[outcome], back = x => about.isLog ? 10 ** x : x;
  return found.chosen.columns.map((here, column) => {
    const there = found.reference.columns[column], change = found.differences[column];
    const numbers = [...here.quantiles.map(back), here.mean, back(there.quantiles[MEDIAN]), there.mean,
                     change.size, change.low, change.high];
    return [column === LAST ? about.whole : data.dates[column], ...numbers.map(cell)];
  });
}

function tableOf(outcome, found) {
  const table = html("table"), head = html("tr"), body = html("tbody");
  table.append(html("caption", {}, `${data.outcomes[outcome].heading}; in ${data.outcomes[outcome].plainUnit}`));
  for (const name of ["month", ...HEAD]) head.append(html("th", {scope: "col"}, name));
  const headBox = html("thead");
  headBox.append(head);
  for (const row of rowsOf(outcome, found)) {
    const line = html("tr");
    row.forEach((text, k) => line.append(html(k ? "td" : "th", k ? {} : {scope: "row"}, text.replace(/^-/, "−"))));
    body.append(line);
  }
  table.append(headBox, body);
  return table;
}
