"use strict";
/* The explorer: any point between those of a sweep, on one page and without a network.

   Everything comes from the data that this page holds (see sim/report/pages/explorer.py for their form). An outcome at
   a place is a sum of what was simulated, weighted by where the points lie; the weights follow from the place alone.
   The parts: reading the data, weights, estimates, numbers in words, drawing, controls, the link, files.
   Names from scenarios come onto the page as text only (textContent), never as markup. */

(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const MEDIAN = 2, QUANTILES = 5;

  // ---- reading the data ------------------------------------------------------------------------------------------
  /* Whole numbers of 16 bits, low byte first: by outcome, column, point and series (quantiles, then groups). Each
     outcome and column has a scale of its own for quantiles and for groups: [low, step, low, step]. */
  const packed = (function () {
    const text = atob(data.packed), values = new Uint16Array(text.length / 2);
    for (let k = 0; k < values.length; k++) values[k] = text.charCodeAt(2 * k) | (text.charCodeAt(2 * k + 1) << 8);
    return values;
  })();
  const groups = data.sizes.length, series = QUANTILES + groups, columns = data.dates.length + 1;
  const points = data.exact.length, LAST = columns - 1;
  const runs = data.sizes.reduce((sum, size) => sum + size, 0);

  /* Weighted sums of all series of an outcome's column over the points of a block: five quantiles, then the groups. */
  function weighted(outcome, column, block, weights) {
    const sums = new Float64Array(series), [low, step, groupLow, groupStep] = data.outcomes[outcome].scales[column];
    let start = ((outcome * columns + column) * points + block.first) * series;
    for (let k = 0; k < weights.length; k++, start += series) {
      const weight = weights[k];
      if (weight !== 0) for (let s = 0; s < series; s++) sums[s] += weight * packed[start + s];
    }
    for (let s = 0; s < series; s++) sums[s] = s < QUANTILES ? low + step * sums[s] : groupLow + groupStep * sums[s];
    return sums;
  }

  // ---- weights ---------------------------------------------------------------------------------------------------
  const numbers = data.axes.filter(axis => axis.kind === "number");
  const choices = data.axes.filter(axis => axis.kind === "choice");
  const scaled = (axis, x) => (x - axis.low) / (axis.high - axis.low);
  /* Points by number, each axis from 0 to 1. */
  const located = data.exact.map(point => point.map((x, axis) => scaled(numbers[axis], x)));

  function blockOf(place) {
    return data.blocks.find(block => choices.every((axis, k) => block.words[k] === place[axis.key]));
  }

  /* The number of the point at a place within its block; -1 where none was simulated. */
  function simulatedAt(block, place) {
    for (let k = 0; k < block.count; k++) {
      const point = located[block.first + k];
      if (numbers.every((axis, a) => Math.abs(point[a] - scaled(axis, place[axis.key])) < 1e-9)) return k;
    }
    return -1;
  }

  /* Multilinear, as the last axis goes fastest. */
  function gridWeights(along, at) {
    let weights = [1];
    along.forEach((values, axis) => {
      const own = new Array(values.length).fill(0), x = at[axis];
      let right = 1;
      while (right < values.length - 1 && values[right] < x) right++;
      if (values.length === 1) own[0] = 1;
      else {
        const share = (x - values[right - 1]) / (values[right] - values[right - 1]);
        own[right - 1] = 1 - share;
        own[right] = share;
      }
      weights = weights.flatMap(weight => own.map(each => weight * each));
    });
    return weights;
  }

  const kernel = (a, b, lengths) => {
    let sum = 0;
    for (let k = 0; k < lengths.length; k++) sum += ((a[k] - b[k]) / lengths[k]) ** 2;
    return Math.exp(-0.5 * sum);
  };

  /* Universal kriging: the equations [K + nugget, F; F', 0] [weights; multipliers] = [k; f], as sim/studies/sweeping/
     emulator.py has them, solved by elimination with row exchanges; the matrix is factorised once, when first needed. */
  function krigingWeights(block, joined, at) {
    const own = located.slice(block.first, block.first + block.count), n = own.length, plane = [1, ...at];
    const size = n + plane.length;
    if (!joined.factors) {
      const rows = [];
      for (let i = 0; i < size; i++) {
        const row = new Float64Array(size);
        for (let j = 0; j < size; j++) {
          if (i < n && j < n) row[j] = kernel(own[i], own[j], joined.lengths) + (i === j ? joined.nugget : 0);
          else if (i < n) row[j] = j === n ? 1 : own[i][j - n - 1];
          else if (j < n) row[j] = i === n ? 1 : own[j][i - n - 1];
        }
        rows.push(row);
      }
      joined.factors = factorised(rows);
    }
    const right = new Float64Array(size);
    for (let i = 0; i < n; i++) right[i] = kernel(own[i], at, joined.lengths);
    for (let i = n; i < size; i++) right[i] = plane[i - n];
    return solved(joined.factors, right).subarray(0, n);
  }

  function factorised(rows) {
    const n = rows.length, order = rows.map((_, k) => k);
    for (let k = 0; k < n; k++) {
      let best = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
      [rows[k], rows[best]] = [rows[best], rows[k]];
      [order[k], order[best]] = [order[best], order[k]];
      const top = rows[k];
      for (let i = k + 1; i < n; i++) {
        const row = rows[i], factor = row[k] /= top[k];
        if (factor !== 0) for (let j = k + 1; j < n; j++) row[j] -= factor * top[j];
      }
    }
    return {rows, order};
  }

  function solved({rows, order}, right) {
    const n = rows.length, x = Float64Array.from(order, k => right[k]);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[i] -= rows[i][j] * x[j];
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i] -= rows[i][j] * x[j];
      x[i] /= rows[i][i];
    }
    return x;
  }

  function weightsFor(outcome, block, place, simulated) {
    if (simulated >= 0) return Float64Array.from({length: block.count}, (_, k) => k === simulated ? 1 : 0);
    const at = numbers.map(axis => scaled(axis, place[axis.key])), joined = block.joined[outcome];
    return joined.along ? gridWeights(joined.along, at) : krigingWeights(block, joined, at);
  }

  // ---- estimates -------------------------------------------------------------------------------------------------
  /* An outcome at a place: by column five quantiles (of log outcomes powers of ten), the groups' means, and the mean.
     Quantiles are put in order, and kept within what was simulated anywhere: weights may overshoot. */
  function estimate(outcome, place) {
    const block = blockOf(place), simulated = simulatedAt(block, place);
    const weights = weightsFor(outcome, block, place, simulated), found = {block, simulated, columns: []};
    for (let column = 0; column < columns; column++) {
      const sums = weighted(outcome, column, block, weights), [low, step] = data.outcomes[outcome].scales[column];
      const quantiles = Array.from(sums.subarray(0, QUANTILES), x => Math.min(Math.max(x, low), low + 65535 * step));
      const own = sums.subarray(QUANTILES);
      let mean = 0;
      for (let g = 0; g < groups; g++) mean += own[g] * data.sizes[g] / runs;
      found.columns.push({quantiles: quantiles.sort((a, b) => a - b), groups: own, mean});
    }
    return found;
  }

  /* The paired difference of means by column: group by group the same futures stand under both places. Its range joins
     the interval of luck with what the interpolation may miss at each end that was not simulated. */
  function difference(outcome, chosen, reference, same) {
    const furthest = data.outcomes[outcome].furthest ?? Infinity;
    return chosen.columns.map((here, column) => {
      const there = reference.columns[column], size = here.mean - there.mean;
      if (same) return {size: 0, low: 0, high: 0};
      let squares = 0;
      for (let g = 0; g < groups; g++) squares += data.sizes[g] * (here.groups[g] - there.groups[g] - size) ** 2;
      let wide = groups > 1 ? data.critical ** 2 * squares / ((groups - 1) * runs) : NaN;
      for (const end of [chosen, reference]) {
        const within = end.block.errors[outcome].within[column];
        if (end.simulated < 0 && within !== null) wide += within ** 2;
      }
      const half = Math.sqrt(wide), nothing = data.outcomes[outcome].scales[column][3] / 1000;
      // Far below what 16 bits can tell, a difference is of rounding alone.
      if (Math.abs(size) <= nothing && half <= nothing) return {size: 0, low: 0, high: 0};
      return {size, low: Math.max(size - half, -furthest), high: Math.min(size + half, furthest)};
    });
  }

  const isClear = found => found.low > 0 || found.high < 0;
  const same = (a, b) => data.axes.every(axis => a[axis.key] === b[axis.key]);

  /* The reference's estimate, kept until there is another reference. */
  const kept = new Map();
  function referenceOf(outcome) {
    const key = JSON.stringify(state.reference);
    if (kept.get(outcome)?.key !== key) kept.set(outcome, {key, found: estimate(outcome, state.reference)});
    return kept.get(outcome).found;
  }

  /* Everything that is shown of an outcome. Blind: too uneven to interpolate, and an end was not simulated. */
  function view(outcome) {
    const chosen = estimate(outcome, state.place), reference = referenceOf(outcome);
    const blind = [chosen, reference].some(each => each.simulated < 0 && each.block.errors[outcome].blind);
    return {chosen, reference, blind, differences: difference(outcome, chosen, reference,
                                                              same(state.place, state.reference))};
  }

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
    return `${billions < 0 ? "-" : ""}$${plain(size / scale, size / scale >= 100 ? Math.max(digits, 3) : digits)}${suffix}`;
  }

  const RAISED = {"0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
                  "-": "⁻", ".": "·"};
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
    for (const end of [low, high]) while (end !== 0 && found < most && Number(end.toFixed(Math.max(found, 0))) === 0) found++;
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
    return [text, `${near.slice(0, near.length - shared.length)} to ${far} ${way(about, Math.abs(low) > Math.abs(high) ? low : high)}`];
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

  // ---- drawing ---------------------------------------------------------------------------------------------------
  function make(tag, attributes = {}, text = null, space = SVG) {
    const made = space === SVG ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== null) made.textContent = text;
    return made;
  }
  const html = (tag, attributes, text) => make(tag, attributes, text, "html");

  /* About four round numbers between two ends. */
  function ticks(low, high, most = 4) {
    const raw = (high - low) / most, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map(each => each * power).find(each => each >= raw * 0.999) ?? power * 10;
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(Number((k * step).toPrecision(12)));
    return found;
  }

  /* Zero and a round number on both sides of it. */
  function around(reach) {
    const power = 10 ** Math.floor(Math.log10(reach)), step = [5, 2, 1].map(each => each * power).find(each => each <= reach);
    return [-step, 0, step];
  }

  /* Powers of ten between two ends given as exponents, not too many. */
  function decades(low, high) {
    const step = Math.max(1, Math.ceil((high - low) / 5)), found = [];
    for (let k = Math.ceil(low); k <= high; k += step) found.push(k);
    return found.length > 1 ? found : ticks(low, high);
  }

  const WIDTH = 352, LEFT = 58, RIGHT = 70, FAN = 168, GAP = 30, CHANGE = 104, BOTTOM = 26;
  const year = date => Number(date.slice(0, 4)) + Number(date.slice(5)) / 12;

  /* A figure of one outcome: the fan above, the difference below, on the same years. `redraw` fills it anew. */
  function figureOf(outcome) {
    const about = data.outcomes[outcome], dated = columns > 1;
    const height = (dated ? FAN : 84) + GAP + (dated ? CHANGE : 46) + BOTTOM;
    const figure = html("figure"), caption = html("figcaption"), id = `o${outcome}`;
    caption.append(html("b", {}, about.heading), html("span", {}, data.fanNote(about)));
    const svg = make("svg", {class: "chart", role: "img", viewBox: `0 0 ${WIDTH} ${height}`, "aria-labelledby": `${id}t ${id}d`});
    const title = make("title", {id: `${id}t`}, about.heading), description = make("desc", {id: `${id}d`});
    const fixedPart = make("g"), moving = make("g");
    svg.append(title, description, fixedPart, moving);
    const told = html("p", {class: "told"}), missed = html("p", {class: "note error"});
    const details = html("details"), box = html("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of ${about.heading}`});
    details.append(html("summary", {}, "Numbers"), box);
    details.addEventListener("toggle", () => draw());
    figure.append(caption, svg, told, missed, details);

    const [first, last] = dated ? [year(data.dates[0]), year(data.dates[data.dates.length - 1])] : [0, 1];
    const inner = WIDTH - LEFT - RIGHT, along = x => LEFT + inner * (last > first ? (x - first) / (last - first) : 0.5);
    const shown = dated ? [...data.dates.keys()] : [LAST];
    // The scale of the fan holds for all points, so that what moves is the outcome and not the axis.
    const low = Math.min(...shown.map(column => about.scales[column][0]));
    const high = Math.max(...shown.map(column => about.scales[column][0] + 65535 * about.scales[column][1]));
    const top = high > low ? high : low + 1;
    const up = x => 8 + (FAN - 8) * (1 - (x - low) / (top - low));
    const across = x => LEFT + inner * (x - low) / (top - low);
    const marks = about.isLog ? decades(low, top) : ticks(low, top);
    const markText = x => tickText(about, about.isLog ? 10 ** x : x);

    function frame(reach) {
      fixedPart.replaceChildren();
      const line = (x1, y1, x2, y2, name) => fixedPart.append(make("line", {x1, y1, x2, y2, class: name}));
      const write = (x, y, text, name, anchor = "end") => fixedPart.append(make("text", {x, y, class: name, "text-anchor": anchor}, text));
      const begin = (dated ? FAN : 84) + GAP, end = begin + (dated ? CHANGE : 46);
      const rise = x => begin + CHANGE / 2 * (1 - x / reach), aside = x => LEFT + inner / 2 * (1 + x / reach);
      const changes = around(reach);
      if (dated) {
        for (const mark of marks) { line(LEFT, up(mark), LEFT + inner, up(mark), "grid"); write(LEFT - 6, up(mark) + 4, markText(mark), "tick"); }
        for (const mark of changes) { line(LEFT, rise(mark), LEFT + inner, rise(mark), mark === 0 ? "zero" : "grid"); write(LEFT - 6, rise(mark) + 4, differenceTick(about, mark), "tick"); }
        const step = Math.max(1, Math.ceil((last - first) / 4));
        for (let each = Math.ceil(first); each <= last; each += step) {
          for (const y of [FAN, end]) line(along(each), y, along(each), y + 4, "rule");
          write(along(each), end + 18, String(each), "tick", "middle");
        }
        line(LEFT, FAN, LEFT + inner, FAN, "rule");
      } else {
        for (const mark of marks) { line(across(mark), 10, across(mark), 76, "grid"); write(across(mark), 92, markText(mark), "tick", "middle"); }
        for (const mark of changes) { line(aside(mark), begin, aside(mark), end, mark === 0 ? "zero" : "grid"); write(aside(mark), end + 18, differenceTick(about, mark), "tick", "middle"); }
      }
      write(LEFT, begin - 9, `Difference${about.differenceUnit}, 95%`, "label", "start");
      return {rise, aside, begin};
    }
    let drawnFor = null, scale = null;

    function redraw(found) {
      const key = JSON.stringify([state.reference, found.chosen.block.first]);
      if (drawnFor !== key) { scale = frame(reachOf(outcome, found, dated ? 0 : LAST, dated ? LAST - 1 : LAST)); drawnFor = key; }
      moving.replaceChildren();
      missed.textContent = found.chosen.block.errors[outcome].words[found.chosen.simulated < 0 ? 0 : 1];
      if (found.blind) {
        told.textContent = "Not drawn here: between simulated points this outcome is too uneven to interpolate. Nearest simulated point, above, shows one that was simulated.";
        description.textContent = told.textContent;
        if (details.open) box.replaceChildren();
        return;
      }
      const band = (points1, points2, name) => moving.append(make("path", {class: name, d: `M${points1.map(point => point.map(x => x.toFixed(1)).join(",")).join("L")}L${points2.reverse().map(point => point.map(x => x.toFixed(1)).join(",")).join("L")}Z`}));
      const stroke = (path, name) => moving.append(make("path", {class: name, d: `M${path.map(point => point.map(x => x.toFixed(1)).join(",")).join("L")}`}));
      const drawn = [["reference", found.reference], ["chosen", found.chosen]];
      const {rise, aside, begin} = scale;
      if (dated) {
        const at = shown.map(column => along(year(data.dates[column])));
        for (const [name, each] of drawn) {
          const line = q => shown.map((column, k) => [at[k], up(each.columns[column].quantiles[q])]);
          if (name === "chosen") band(line(0), line(4), "wide-band");
          if (name === "chosen") band(line(1), line(3), "half-band");
          else for (const q of [0, 4]) stroke(line(q), "reference-edge");
          stroke(line(MEDIAN), name);
        }
        const ends = drawn.map(([, each]) => up(each.columns[shown.length - 1].quantiles[MEDIAN]));
        // The two names at the lines' ends: moved apart where they would touch, and both within the fan.
        const apart = Math.max((14 - Math.abs(ends[0] - ends[1])) / 2, 0), upper = ends[0] <= ends[1] ? 0 : 1;
        const wanted = ends.map((y, k) => y + 4 + (k === upper ? -apart : apart));
        const shift = Math.min(0, FAN + 4 - wanted[1 - upper]) + Math.max(0, 12 - wanted[upper]);
        drawn.forEach(([name], k) => {
          const y = wanted[k] + shift;
          moving.append(make("text", {x: LEFT + inner + 6, y, class: `${name}-text`}, name));
        });
        const path = side => shown.map((column, k) => [at[k], Math.min(Math.max(rise(found.differences[column][side]), begin - 4), begin + CHANGE + 4)]);
        if (Number.isFinite(found.differences[0].low)) band(path("low"), path("high"), "wide-band");
        stroke(path("size"), "chosen");
      } else {
        drawn.forEach(([name, each], k) => {
          const q = each.columns[LAST].quantiles, y = k === 0 ? 28 : 58;
          moving.append(make("line", {x1: across(q[0]), x2: across(q[4]), y1: y, y2: y, class: name}));
          moving.append(make("rect", {x: across(q[1]), width: Math.max(across(q[3]) - across(q[1]), 1), y: y - 7, height: 14, class: `${name}-box`}));
          moving.append(make("line", {x1: across(q[2]), x2: across(q[2]), y1: y - 10, y2: y + 10, class: name}));
          moving.append(make("text", {x: LEFT + inner + 6, y: y + 4, class: `${name}-text`}, name));
        });
        const change = found.differences[LAST], y = begin + 23, keep = x => Math.min(Math.max(x, LEFT), LEFT + inner);
        if (Number.isFinite(change.low)) moving.append(make("line", {x1: keep(aside(change.low)), x2: keep(aside(change.high)), y1: y, y2: y, class: "chosen"}));
        moving.append(make("circle", {cx: keep(aside(change.size)), cy: y, r: 5, class: isClear(change) ? "dot" : "dot hollow"}));
      }
      told.textContent = toldOf(about, found);
      description.textContent = `${told.textContent} ${missed.textContent}`;
      if (details.open) box.replaceChildren(tableOf(outcome, found));
    }
    return {figure, redraw};
  }

  /* How far an axis of differences reaches, over these columns: to the largest that any point of the chosen block has to
     the reference. So it stands still while sliders move, and changes with the reference and with words. */
  function reachOf(outcome, found, firstColumn, lastColumn) {
    const {first, count} = found.chosen.block;
    let reach = 0;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const [, , low, step] = data.outcomes[outcome].scales[column], there = found.reference.columns[column].mean;
      for (let point = first; point < first + count; point++) {
        const start = ((outcome * columns + column) * points + point) * series + QUANTILES;
        let mean = 0;
        for (let g = 0; g < groups; g++) mean += packed[start + g] * data.sizes[g] / runs;
        reach = Math.max(reach, Math.abs(low + step * mean - there));
      }
    }
    return reach > 0 ? reach * 1.05 : 1;
  }

  // ---- what is said ------------------------------------------------------------------------------------------------
  function toldOf(about, found) {
    const last = found.differences[LAST], mean = `${valueText(about, found.chosen.columns[LAST].mean)} on average, ${valueText(about, found.reference.columns[LAST].mean)} at the reference`;
    if (last.low === 0 && last.high === 0 && last.size === 0) return `${about.summary}: ${mean}; no difference.`;
    const [size, range] = magnitude(about, last), verdict = isClear(last) || !Number.isFinite(last.low) ? "" : "no clear difference: ";
    return `${about.summary}: ${mean}; ${verdict}${size} (${range}).`;
  }

  const settingText = (axis, value) => axis.kind === "choice" ? axis.labels[axis.values.indexOf(value)]
    : (axis.unit.startsWith("$") ? `$${plain(value)}${axis.unit.slice(1)}` : plain(value) + (axis.unit ? ` ${axis.unit}` : ""));
  const listed = items => items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}` : items.join("");

  /* The sentences at the top: what the chosen point does against the reference, what harms with what helps. */
  function finding(views) {
    const moved = data.axes.filter(axis => state.place[axis.key] !== state.reference[axis.key]);
    if (!moved.length) return ["The chosen point is the reference: move a slider, and see what changes."];
    const at = listed(moved.map(axis => `${axis.inside} at ${settingText(axis, state.place[axis.key])} instead of ${settingText(axis, state.reference[axis.key])}`));
    const clear = [], unclear = [], blind = [];
    for (const [outcome, found] of views) {
      const about = data.outcomes[outcome], last = found.differences[LAST];
      if (found.blind) blind.push(about.inside);
      else if (isClear(last)) clear.push({about, last, size: Math.abs(spread(outcome, last.size))});
      else unclear.push(about.inside);
    }
    clear.sort((a, b) => b.size - a.size);
    const sentences = [clear.length ? `With ${at}: ${clear.map(({about, last}) => {
      const [size, range] = magnitude(about, last), judged = about.better && (last.size > 0) === (about.better === "higher") ? ", which is better" : about.better ? ", which is worse" : "";
      return `${about.inside} ${size} (${range})${judged}`;
    }).join("; ")}.` : `With ${at} nothing that is shown clearly differs.`];
    if (unclear.length && clear.length) sentences.push(`No clear difference in ${listed(unclear)}.`);
    if (blind.length) sentences.push(`Too uneven to interpolate here: ${listed(blind)}.`);
    return sentences;
  }

  function standing(views) {
    const ends = views.length ? views[0][1] : {chosen: estimate(0, state.place), reference: referenceOf(0)};
    const said = (name, end) => `${name} ${end.simulated >= 0 ? "was simulated" : `is interpolated between ${end.block.count.toLocaleString("en")} simulated points`}`;
    return `${said("The chosen point", ends.chosen)}; ${said("the reference", ends.reference)}. Ranges hold what ${data.covers} would change, at 95%, and what the interpolation may miss.`;
  }

  /* A table's rows, as texts; the file of numbers has the same. */
  const HEAD = ["5%", "25%", "median", "75%", "95%", "mean", "reference median", "reference mean", "difference", "low", "high"];
  const cell = x => Number.isFinite(x) ? String(Number(x.toPrecision(4))) : "";
  function rowsOf(outcome, found) {
    const about = data.outcomes[outcome], back = x => about.isLog ? 10 ** x : x;
    return found.chosen.columns.map((here, column) => {
      const there = found.reference.columns[column], change = found.differences[column];
      return [column === LAST ? about.whole : data.dates[column],
              ...[...here.quantiles.map(back), here.mean, back(there.quantiles[MEDIAN]), there.mean, change.size, change.low, change.high].map(cell)];
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

  /* A difference in standard deviations over runs. */
  const spread = (outcome, x) => data.outcomes[outcome].spread > 0 ? x / data.outcomes[outcome].spread : x;

  /* Every outcome's difference of a run's one number, in standard deviations over runs, on one line each. */
  const ROW = 38;
  function overview(views) {
    const box = document.getElementById("overview"), width = Math.max(320, Math.min(box.clientWidth || 720, 760));
    const narrow = width < 560, name = narrow ? 0 : 250, ends = narrow ? 96 : 150, inner = width - name - ends - 10, row = narrow ? 52 : ROW;
    const furthest = Math.max(0, ...views.map(([outcome, found]) => spread(outcome, reachOf(outcome, found, LAST, LAST))));
    const height = views.length * row + 34, reach = Math.min(Math.max(Math.ceil(furthest), 1), 3);
    const svg = make("svg", {class: "chart free", role: "img", viewBox: `0 0 ${width} ${height}`, width, height, "aria-labelledby": "overview-t overview-d"});
    const x = each => name + inner * (Math.min(Math.max(each / reach, -1), 1) + 1) / 2;
    const said = [];
    for (let mark = -reach; mark <= reach; mark += reach > 1 ? 1 : 0.5) {
      svg.append(make("line", {x1: x(mark), x2: x(mark), y1: 4, y2: height - 28, class: mark ? "grid" : "zero"}));
      svg.append(make("text", {x: x(mark), y: height - 12, class: "tick", "text-anchor": "middle"}, minus(mark > 0 ? `+${mark}` : String(mark))));
    }
    views.forEach(([outcome, found], k) => {
      const about = data.outcomes[outcome], change = found.differences[LAST], y = k * row + (narrow ? 36 : 24);
      svg.append(make("text", {x: 0, y: narrow ? y - 16 : y + 4, class: "label"}, about.summary));
      let text = "too uneven here";
      if (!found.blind) {
        const sizes = magnitude(about, change);
        text = change.size === 0 && change.low === 0 ? "no difference" : isClear(change) || !Number.isFinite(change.low) ? sizes[0] : "not clear";
        if (Number.isFinite(change.low)) svg.append(make("line", {x1: x(spread(outcome, change.low)), x2: x(spread(outcome, change.high)), y1: y, y2: y, class: "chosen"}));
        svg.append(make("circle", {cx: x(spread(outcome, change.size)), cy: y, r: 5.5, class: isClear(change) ? "dot" : "dot hollow"}));
      }
      svg.append(make("text", {x: name + inner + 12, y: y + 4, class: "label"}, text));
      said.push(`${about.summary}: ${text}`);
    });
    svg.prepend(make("title", {id: "overview-t"}, "Difference of the chosen point to the reference, in standard deviations over runs"),
                make("desc", {id: "overview-d"}, said.join("; ")));
    box.replaceChildren(svg);
  }

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
      controls[axis.key] = () => { input.value = axis.values.indexOf(state.place[axis.key]); output.textContent = settingText(axis, state.place[axis.key]); };
      output.classList.add("print-only");
      box.append(label, output, input);
    } else {
      input = html("input", {id, type: "range", min: 0, max: axis.stops.length - 1, step: 1});
      input.addEventListener("input", () => { state.place[axis.key] = axis.stops[Number(input.value)]; changed(); });
      controls[axis.key] = () => {
        const value = state.place[axis.key];
        let nearest = 0;
        axis.stops.forEach((stop, k) => { if (Math.abs(stop - value) < Math.abs(axis.stops[nearest] - value)) nearest = k; });
        input.value = nearest;
        const text = settingText(axis, value);
        input.setAttribute("aria-valuetext", text);
        output.textContent = value === state.reference[axis.key] ? text : `${text} (reference ${settingText(axis, state.reference[axis.key])})`;
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
    if (box.children.length !== wanted.length || wanted.some((each, k) => box.children[k] !== each.figure)) box.replaceChildren(...wanted.map(each => each.figure));
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
    for (const axis of data.axes) if (state.reference[axis.key] !== axis.base) held.set(`ref.${axis.key}`, String(state.reference[axis.key]));
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
      if (key === "show") {
        const names = text.split(",").filter(name => name), known = names.map(name => data.outcomes.findIndex(about => about.name === name));
        names.forEach((name, k) => { if (known[k] < 0) wrong.push(`it shows ${name.slice(0, 60)}, which this page does not hold`); });
        state.shown = [...new Set(known.filter(k => k >= 0))].sort((a, b) => a - b);
      } else if (!Object.hasOwn(byKey, own)) wrong.push(`it sets ${own.slice(0, 60)}, for which this page has no slider`);
      else {
        const axis = byKey[own];
        if (axis.kind === "choice") {
          const value = axis.values.find(each => String(each) === text);
          if (value === undefined) wrong.push(`${axis.name} cannot be ${text.slice(0, 60)}`);
          else into[own] = value;
        } else {
          const value = text.trim() === "" ? NaN : Number(text);
          if (!(value >= axis.low && value <= axis.high)) wrong.push(`${axis.name} goes from ${plain(axis.low)} to ${plain(axis.high)}, and is not ${text.slice(0, 60)}`);
          else into[own] = value;
        }
      }
    }
    for (const place of [state.place, state.reference]) if (!blockOf(place)) Object.assign(place, start);
    document.getElementById("notice").textContent = wrong.length ? `Part of this link was left out: ${wrong.join("; ")}.` : "";
    draw();
  }

  // ---- files -----------------------------------------------------------------------------------------------------
  function save(name, kind, text) {
    const address = URL.createObjectURL(new Blob([text], {type: kind})), anchor = html("a", {href: address, download: name});
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
    return lines.map(line => line.map(text => /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text).join(",")).join("\n") + "\n";
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
  data.fanNote = about => (columns > 1 ? `median, 50% and 90% of ${runs} runs; ` : `a run's one number: median, 50% and 90% of ${runs} runs; `) + (about.isLog ? "logarithmic scale" : about.kind === "flop" ? "powers of ten" : "even scale");
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
  window.addEventListener("hashchange", restore);
  window.addEventListener("resize", () => draw());
  restore();
  // For tests and the curious: what the page computes, without the page.
  window.explorer = {state, estimate, view, draw, csv, scenarioFile, link, magnitude, valueText, blockOf, finding, rowsOf, data};
})();
