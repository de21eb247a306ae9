/* The explorer: any point between those of a sweep, on one page and without a network.

   Everything comes from the data that this page holds (see sim/report/pages/explorer.py for their form). An outcome at
   a place is a sum of what was simulated, weighted by where the points lie; the weights follow from the place alone.
   Four parts make one script: estimates (here), words, drawing, and the page itself. Names from scenarios come onto the
   page as text only (textContent), never as markup. */

const data = JSON.parse(document.getElementById("data").textContent);
/* The language: the one that the link asks for, else the one that the page was made to begin with, else the browser's.
   `asked` is kept in the link. What differs from English in the data is laid over it. */
const {first: firstLanguage, languages: words} = JSON.parse(document.getElementById("words").textContent);
function wishedIn(hash) {
  const wished = new URLSearchParams(hash.slice(1)).get("lang");
  return Object.hasOwn(words, wished ?? "") ? wished : "";
}
let asked = wishedIn(location.hash);
spoken = words[asked || firstLanguage || navigator.languages.map(each => each.split("-")[0].toLowerCase())
  .find(each => Object.hasOwn(words, each)) || "en"];
(function overlay(into, changes) {
  for (const [place, change] of Object.entries(changes))
    if (change !== null && typeof change === "object" && into[place] !== null) overlay(into[place], change);
    else into[place] = change;
})(data, spoken.data);
if (spoken.language !== "en") {
  document.documentElement.lang = spoken.language;
  const translated = document.getElementById(`page-${spoken.language}`).content.cloneNode(true);
  document.getElementById("page").replaceChildren(translated);
  document.title = `${document.querySelector("h1").textContent} - ${_("airace explorer")}`;
}
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
