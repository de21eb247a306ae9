/* Charts as SVG: a figure of each outcome, and the overview. */

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
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)
    found.push(Number((k * step).toPrecision(12)));
  return found;
}

/* Zero and a round number on both sides of it. */
function around(reach) {
  const power = 10 ** Math.floor(Math.log10(reach));
  const step = [5, 2, 1].map(each => each * power).find(each => each <= reach);
  return [-step, 0, step];
}

/* Round numbers between two ends given as powers of ten: 1, 10, 100; over less than two decades 1, 2, 5. */
function decades(low, high) {
  const step = Math.max(1, Math.ceil((high - low) / 5)), found = [];
  for (let k = Math.ceil(low); k <= high; k += step) found.push(k);
  if (found.length > 2) return found;
  const finer = [];
  for (let k = Math.floor(low); k <= high; k++) for (const each of [1, 2, 5]) finer.push(k + Math.log10(each));
  const within = finer.filter(x => x >= low && x <= high);
  return within.length > 1 ? within.filter((_, k) => within.length < 6 || k % 2 === 0) : ticks(low, high);
}

const WIDTH = 352, LEFT = 58, RIGHT = 70, FAN = 168, FLAT = 96, GAP = 30, CHANGE = 104, BOTTOM = 26;
const year = date => Number(date.slice(0, 4)) + Number(date.slice(5)) / 12;

/* The second line of a chart: what its bands are, and its scale. */
function fanNote(about) {
  const scale = about.isLog ? _("logarithmic scale") : about.kind === "flop" ? _("powers of ten") : _("even scale");
  return columns > 1 ? _("median, 50% and 90% of {runs} runs; {scale}", {runs, scale})
    : _("a run's one number: median, 50% and 90% of {runs} runs; {scale}", {runs, scale});
}

/* What the two lines of a chart are called. */
const LINES = {reference: () => _("reference"), chosen: () => _("chosen")};

/* A figure of one outcome: the fan above, the difference below, on the same years. `redraw` fills it anew. */
function figureOf(outcome) {
  const about = data.outcomes[outcome], dated = columns > 1;
  const height = (dated ? FAN : FLAT) + GAP + (dated ? CHANGE : 46) + BOTTOM;
  const figure = html("figure"), caption = html("figcaption"), id = `o${outcome}`;
  caption.append(html("b", {}, about.heading), html("span", {}, fanNote(about)));
  const svg = make("svg", {class: "chart", role: "img", viewBox: `0 0 ${WIDTH} ${height}`,
                           "aria-labelledby": `${id}t ${id}d`});
  const title = make("title", {id: `${id}t`}, about.heading), description = make("desc", {id: `${id}d`});
  const fixedPart = make("g"), moving = make("g");
  svg.append(title, description, fixedPart, moving);
  const told = html("p", {class: "told"}), missed = html("p", {class: "note error"});
  const details = html("details"), box = html("div", {class: "scroll", tabindex: "0", role: "region",
                                                      "aria-label": _("Numbers of {heading}", {heading: about.heading})});
  details.append(html("summary", {}, _("Numbers")), box);
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
    const write = (x, y, text, name, anchor = "end") =>
      fixedPart.append(make("text", {x, y, class: name, "text-anchor": anchor}, text));
    const begin = (dated ? FAN : FLAT) + GAP, end = begin + (dated ? CHANGE : 46);
    const rise = x => begin + CHANGE / 2 * (1 - x / reach), aside = x => LEFT + inner / 2 * (1 + x / reach);
    const changes = around(reach);
    if (dated) {
      for (const mark of marks) {
        line(LEFT, up(mark), LEFT + inner, up(mark), "grid");
        write(LEFT - 6, up(mark) + 4, markText(mark), "tick");
      }
      for (const mark of changes) {
        line(LEFT, rise(mark), LEFT + inner, rise(mark), mark === 0 ? "zero" : "grid");
        write(LEFT - 6, rise(mark) + 4, differenceTick(about, mark), "tick");
      }
      const step = Math.max(1, Math.ceil((last - first) / 4));
      for (let each = Math.ceil(first); each <= last; each += step) {
        for (const y of [FAN, end]) line(along(each), y, along(each), y + 4, "rule");
        write(along(each), end + 18, String(each), "tick", "middle");
      }
      line(LEFT, FAN, LEFT + inner, FAN, "rule");
    } else {
      for (const mark of marks) {
        line(across(mark), 10, across(mark), 76, "grid");
        write(across(mark), 92, markText(mark), "tick", "middle");
      }
      for (const mark of changes) {
        line(aside(mark), begin, aside(mark), end, mark === 0 ? "zero" : "grid");
        write(aside(mark), end + 18, differenceTick(about, mark), "tick", "middle");
      }
    }
    write(LEFT, begin - 9, _("Difference, {unit}, 95%", {unit: about.differenceUnit}), "label", "start");
    return {rise, aside, begin};
  }
  let drawnFor = null, scale = null;

  function redraw(found) {
    const key = JSON.stringify([state.reference, found.chosen.block.first]);
    if (drawnFor !== key) {
      scale = frame(reachOf(outcome, found, dated ? 0 : LAST, dated ? LAST - 1 : LAST));
      drawnFor = key;
    }
    moving.replaceChildren();
    missed.textContent = found.chosen.block.errors[outcome].words[found.chosen.simulated < 0 ? 0 : 1];
    if (found.blind) {
      told.textContent = _("Not drawn here: between simulated points this outcome is too uneven to interpolate. The button “Nearest simulated point” shows one that was simulated.");
      description.textContent = told.textContent;
      if (details.open) box.replaceChildren();
      return;
    }
    const through = path => path.map(point => point.map(x => x.toFixed(1)).join(",")).join("L");
    const stroke = (path, name) => moving.append(make("path", {class: name, d: `M${through(path)}`}));
    const band = (lower, upper, name) =>
      moving.append(make("path", {class: name, d: `M${through([...lower, ...upper.reverse()])}Z`}));
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
        moving.append(make("text", {x: LEFT + inner + 6, y, class: `${name}-text`}, LINES[name]()));
      });
      const within = y => Math.min(Math.max(y, begin - 4), begin + CHANGE + 4);
      const path = side => shown.map((column, k) => [at[k], within(rise(found.differences[column][side]))]);
      if (Number.isFinite(found.differences[0].low)) band(path("low"), path("high"), "wide-band");
      stroke(path("size"), "chosen");
    } else {
      drawn.forEach(([name, each], k) => {
        const q = each.columns[LAST].quantiles, y = k === 0 ? 28 : 58;
        moving.append(make("line", {x1: across(q[0]), x2: across(q[4]), y1: y, y2: y, class: name}));
        const width = Math.max(across(q[3]) - across(q[1]), 1);
        moving.append(make("rect", {x: across(q[1]), width, y: y - 7, height: 14, class: `${name}-box`}));
        moving.append(make("line", {x1: across(q[2]), x2: across(q[2]), y1: y - 10, y2: y + 10, class: name}));
        moving.append(make("text", {x: LEFT + inner + 6, y: y + 4, class: `${name}-text`}, LINES[name]()));
      });
      const change = found.differences[LAST], y = begin + 23;
      const at = x => Math.min(Math.max(aside(x), LEFT), LEFT + inner);
      if (Number.isFinite(change.low))
        moving.append(make("line", {x1: at(change.low), x2: at(change.high), y1: y, y2: y, class: "chosen"}));
      moving.append(make("circle", {cx: at(change.size), cy: y, r: 5, class: isClear(change) ? "dot" : "dot hollow"}));
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
  return reach > 0 ? reach * 1.25 : 1;  // with room for the range around the largest
}

// ---- the overview ----------------------------------------------------------------------------------------------
/* Every outcome's difference of a run's one number, in standard deviations over runs, on one line each. */
const ROW = 38;
function overview(views) {
  const box = document.getElementById("overview"), width = Math.max(320, Math.min(box.clientWidth || 720, 760));
  const narrow = width < 560, name = narrow ? 0 : 250, ends = narrow ? 96 : 150, row = narrow ? 52 : ROW;
  const inner = width - name - ends - 10;
  const reaches = views.map(([outcome, found]) => spread(outcome, reachOf(outcome, found, LAST, LAST)));
  const furthest = Math.max(0, ...reaches);
  const height = views.length * row + 34, reach = Math.min(Math.max(Math.ceil(furthest), 1), 3);
  const svg = make("svg", {class: "chart free", role: "img", viewBox: `0 0 ${width} ${height}`, width, height,
                           "aria-labelledby": "overview-t overview-d"});
  const x = each => name + inner * (Math.min(Math.max(each / reach, -1), 1) + 1) / 2;
  const said = [];
  for (let mark = -reach; mark <= reach; mark += reach > 1 ? 1 : 0.5) {
    svg.append(make("line", {x1: x(mark), x2: x(mark), y1: 4, y2: height - 28, class: mark ? "grid" : "zero"}));
    svg.append(make("text", {x: x(mark), y: height - 12, class: "tick", "text-anchor": "middle"},
                    minus(localised(mark > 0 ? `+${mark}` : String(mark)))));
  }
  views.forEach(([outcome, found], k) => {
    const about = data.outcomes[outcome], change = found.differences[LAST], y = k * row + (narrow ? 36 : 24);
    svg.append(make("text", {x: 0, y: narrow ? y - 16 : y + 4, class: "label"}, about.summary));
    let text = _("too uneven here");
    if (!found.blind) {
      const known = Number.isFinite(change.low), at = each => x(spread(outcome, each));
      text = change.size === 0 && change.low === 0 ? _("no difference") : _("not clear");
      if (isClear(change) || !known) text = magnitude(about, change)[0];
      if (known) svg.append(make("line", {x1: at(change.low), x2: at(change.high), y1: y, y2: y, class: "chosen"}));
      svg.append(make("circle", {cx: at(change.size), cy: y, r: 5.5, class: isClear(change) ? "dot" : "dot hollow"}));
    }
    svg.append(make("text", {x: name + inner + 12, y: y + 4, class: "label"}, text));
    said.push(_("{outcome}: {change}", {outcome: about.summary, change: text}));
  });
  svg.prepend(make("title", {id: "overview-t"},
                   _("Difference of the chosen point to the reference, in standard deviations over runs")),
              make("desc", {id: "overview-d"}, joined(said)));
  box.replaceChildren(svg);
}
