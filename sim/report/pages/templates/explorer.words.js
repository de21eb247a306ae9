/* Numbers, differences and findings in words, as airace's reports have them. */

// ---- numbers in words, as in airace's reports --------------------------------------------------------------------
const minus = text => text.replace(/-/g, "−");

function fixed(value, decimals, strip) {
  if (!Number.isFinite(value)) return _("n/a");
  const scale = 10 ** Math.max(-decimals, 0);
  let text = (Math.round(value / scale) * scale).toFixed(0);
  if (decimals > 0) text = value.toFixed(Math.min(decimals, 100));
  if (decimals === 0) text = value.toFixed(0);
  if (Number(text) === 0) text = text.replace("-", "");
  let [whole, fraction] = text.split(".");
  whole = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  if (strip && fraction) fraction = fraction.replace(/0+$/, "");
  return localised(fraction ? `${whole}.${fraction}` : whole);
}

function plain(value, digits = 3) {
  if (!Number.isFinite(value)) return _("n/a");
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -6 || exponent >= 15)
    return localised(value.toExponential(digits - 1)).replace("e", " x 10^").replace("+", "");
  return fixed(value, digits - 1 - exponent, true);
}

function percent(share, digits = 2) {
  if (0 < share && share < 0.001) return `<${localised("0.1")}${spoken.percent}`;
  if (0.999 < share && share < 1) return `>${localised("99.9")}${spoken.percent}`;
  return fixed(100 * share, Math.abs(100 * share) >= 10 ? 0 : digits - 1, true) + spoken.percent;
}

const scaleOf = size => spoken.dollars.find(each => size >= each[0]) ?? spoken.dollars.at(-1);

function money(billions, digits = 2) {
  if (!Number.isFinite(billions)) return _("n/a");
  const size = Number(Math.abs(billions).toPrecision(digits));
  const [scale, before, after] = scaleOf(size);
  const shown = plain(size / scale, size / scale >= 100 ? Math.max(digits, 3) : digits);
  return `${billions < 0 ? "-" : ""}${before}${shown}${after}`;
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
  return minus(about.kind === "months" ? _("{number} months", {number: plain(x)}) : plain(x));
}

function scaledTo(about, x, largest) {
  if (about.kind === "usd") {
    const billions = x * about.scale, size = largest * about.scale;
    const [limit, before, after] = scaleOf(size / 0.9995);
    return [billions / limit, before, after];
  }
  if (about.kind === "share") return [100 * x, "", _(" points")];
  return [x, "", about.kind === "months" ? _(" months") : ""];
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
/* Less or more of an outcome, as messages: of a size, and of a range. */
const way = (about, x) => about.ways[x < 0 ? 0 : 1];

/* A difference and its range in words: ["3.1 fewer", "2.4 to 3.8 fewer"]. */
function magnitude(about, {size, low, high}) {
  let text, ends, unit = "";
  if (about.kind === "flop") {
    text = times(Math.abs(size), 2);
    ends = [low, high].map(end => times(Math.abs(end), 3));
  } else {
    const largest = Math.max(...[size, low, high].filter(Number.isFinite).map(Math.abs));
    const sides = [Math.abs(size), low, high].map(x => scaledTo(about, x, largest));
    const decimals = places(sides[1][0], sides[2][0], sides[0][0]);
    [text, ...ends] = sides.map(([x, before, after]) => `${before}${fixed(Math.abs(x), decimals)}${after}`);
    if (!sides[0][1]) unit = sides[0][2];  // the scale of money in dollars stands with both ends
  }
  text = filled(way(about, size)[0], {size: text});
  if (!Number.isFinite(low)) return [text, _("no interval: one run at each point")];
  if (low < 0 && high > 0) {
    const [first, last] = [low, high].map((end, k) => filled(way(about, end)[0], {size: ends[k]}));
    return [text, _("{low} to {high}", {low: first, high: last})];
  }
  const [near, far] = Math.abs(low) <= Math.abs(high) ? ends : [ends[1], ends[0]];
  const bare = unit && near.endsWith(unit) ? near.slice(0, near.length - unit.length) : near;
  return [text, filled(way(about, Math.abs(low) > Math.abs(high) ? low : high)[1], {near: bare, far})];
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
  const told = {outcome: about.summary, here, there};
  if (last.low === 0 && last.high === 0 && last.size === 0)
    return _("{outcome}: {here} on average, {there} at the reference; no difference.", told);
  const [size, range] = magnitude(about, last), all = {...told, size, range};
  return isClear(last) || !Number.isFinite(last.low)
    ? _("{outcome}: {here} on average, {there} at the reference; {size} ({range}).", all)
    : _("{outcome}: {here} on average, {there} at the reference; no clear difference: {size} ({range}).", all);
}

function settingText(axis, value) {
  if (axis.kind === "choice") return axis.labels[axis.values.indexOf(value)];
  if (axis.unit.startsWith("$")) return `$${plain(value)}${axis.unit.slice(1)}`;
  return axis.unit ? _("{number} {unit}", {number: plain(value), unit: axis.unit}) : plain(value);
}

/* The sentences at the top: what the chosen point does against the reference, what harms with what helps. */
function finding(views) {
  const moved = data.axes.filter(axis => state.place[axis.key] !== state.reference[axis.key]);
  if (!moved.length) return [_("The chosen point is the reference: move a slider, and see what changes.")];
  const at = listed(moved.map(axis => {
    const [here, there] = [state.place, state.reference].map(place => settingText(axis, place[axis.key]));
    return _("{lever} at {here} instead of {there}", {lever: axis.inside, here, there});
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
    const all = {outcome: about.inside, size, range};
    if (!about.better) return _("{outcome} {size} ({range})", all);
    return better ? _("{outcome} {size} ({range}), which is better", all)
      : _("{outcome} {size} ({range}), which is worse", all);
  });
  const sentences = [told.length ? _("With {settings}: {changes}.", {settings: at, changes: joined(told)})
    : _("With {settings} nothing that is shown clearly differs.", {settings: at})];
  if (unclear.length && clear.length) sentences.push(_("No clear difference in {outcomes}.", {outcomes: listed(unclear)}));
  if (blind.length) sentences.push(_("Too uneven to interpolate here: {outcomes}.", {outcomes: listed(blind)}));
  return sentences;
}

function standing(views) {
  const ends = views.length ? views[0][1] : {chosen: estimate(0, state.place), reference: referenceOf(0)};
  const points = end => ngettext("{number} simulated point", "{number} simulated points", end.block.count);
  const chosen = ends.chosen.simulated >= 0 ? _("The chosen point was simulated")
    : _("The chosen point is interpolated between {points}", {points: points(ends.chosen)});
  const reference = ends.reference.simulated >= 0 ? _("the reference was simulated")
    : _("the reference is interpolated between {points}", {points: points(ends.reference)});
  return _("{chosen}; {reference}. Ranges hold what {covers} would change, at 95%, and what the interpolation may miss.",
           {chosen, reference, covers: data.covers});
}

/* A table's rows, as texts; the file of numbers has the same. */
const HEAD = ["5%", "25%", "median", "75%", "95%", "mean", "reference median", "reference mean",
              "difference", "low", "high"];  // of the file, which has the same names in every language
const headings = () => [_("month"), ...HEAD.slice(0, 2), _("median"), ...HEAD.slice(3, 5), _("mean"),
                        _("reference median"), _("reference mean"), _("difference"), _("low"), _("high")];
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
  table.append(html("caption", {}, _("{heading}; in {unit}", {heading: data.outcomes[outcome].heading, unit: data.outcomes[outcome].unit})));
  for (const name of headings()) head.append(html("th", {scope: "col"}, name));
  const headBox = html("thead");
  headBox.append(head);
  for (const row of rowsOf(outcome, found)) {
    const line = html("tr");
    row.forEach((text, k) => line.append(html(k ? "td" : "th", k ? {} : {scope: "row"}, k ? localised(text).replace(/^-/, "−") : text)));
    body.append(line);
  }
  table.append(headBox, body);
  return table;
}
