// Draws what the program computed: it sorts, filters and shows, and measures nothing.
(() => {
'use strict';
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
root.classList.remove('no-js');

// --- light and dark -------------------------------------------------------------------------------
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (root.dataset.theme || (prefersDark.matches ? 'dark' : 'light')) === 'dark';
const nameTheme = () => { $('theme').textContent = isDark() ? 'Light' : 'Dark'; };
try { root.dataset.theme = localStorage.getItem('hsl-theme') || ''; } catch { /* a file without storage */ }
$('theme').addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  try { localStorage.setItem('hsl-theme', root.dataset.theme); } catch { /* as above */ }
  nameTheme();
});
prefersDark.addEventListener('change', nameTheme);
nameTheme();

// --- the data -------------------------------------------------------------------------------------
const data = JSON.parse($('data').textContent);
const rows = [...$('rows').rows];
const bench = [...document.querySelectorAll('#board .bench tr')];
const heads = [...document.querySelectorAll('#board thead th')];
const cellOf = (row, key) => row.querySelector(`[data-k="${key}"]`);
const valueOf = (row, key) => {
  const text = cellOf(row, key)?.dataset.v;
  return text ? Number(text) : NaN;
};
const textOf = (row, key) => cellOf(row, key)?.textContent ?? '–';
const nameOf = (row) => row.dataset.name;
const byIndex = [];
for (const row of rows) byIndex[Number(row.dataset.i)] = row;
const dates = [data.s0, ...data.dates];
const holdRow = bench.find((row) => nameOf(row) === 'hold');
const hold = data.benchmarks.find((b) => b.name === 'hold');
const other = data.benchmarks.find((b) => b.name !== 'hold');

// Returns come as whole ten-millionths, account results as hundredths of a percent.
const curves = new Map();
const curveOf = (series) => {
  if (!series) return null;
  let curve = curves.get(series);
  if (!curve) {
    const equity = [1], drawdown = [0];
    let value = 1, peak = 1;
    for (const r of series.r) {
      value *= 1 + r / 1e7;
      peak = Math.max(peak, value);
      equity.push(value);
      drawdown.push(value / peak - 1);
    }
    curve = { equity, drawdown };
    curves.set(series, curve);
  }
  return curve;
};

let chosen = data.best;
let logarithmic = false;

// --- small things ---------------------------------------------------------------------------------
const minus = (text) => /[1-9]/.test(text) ? text.replace('-', '\u2212') : text.replace('-', '');
const percentText = (value, digits = 1) => Number.isFinite(value) ? minus((value * 100).toFixed(digits)) + '%' : '–';
const element = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const svg = (name, attributes = {}, text) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
const drawing = (box, height, label) => {
  const width = Math.max(240, Math.floor(box.clientWidth));
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, height });
  if (label) { picture.setAttribute('role', 'img'); picture.setAttribute('aria-label', label); }
  box.replaceChildren(picture);
  return [picture, width];
};
const steps = (low, high, count) => {
  const rough = Math.max(high - low, 1e-12) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; ++k) ticks.push(k * step);
  return ticks;
};
const decimalsFor = (ticks) => {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  return Math.max(0, Math.min(4, Math.ceil(-Math.log10(step) - 1e-9)));
};
const quantile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(p * (sorted.length - 1))))];

// --- equity and drawdown --------------------------------------------------------------------------
const dateTicks = (width) => {
  const room = Math.max(2, Math.floor(width / 85));
  const months = [];
  for (let i = 1; i < dates.length; ++i)
    if (dates[i].slice(0, 7) !== dates[i - 1].slice(0, 7)) months.push(i);
  for (const every of [1, 2, 3, 6, 12, 24, 60, 120]) {
    const kept = months.filter((i) => {
      const month = Number(dates[i].slice(0, 4)) * 12 + Number(dates[i].slice(5, 7)) - 1;
      return month % every === 0;
    });
    if (kept.length <= room) return kept.map((i) => [i, every >= 12 ? dates[i].slice(0, 4) : dates[i].slice(0, 7)]);
  }
  return [];
};

let readSession = null;
const drawCurve = () => {
  const set = curveOf(data.sets[chosen]), held = curveOf(hold), equal = curveOf(other);
  const box = $('curve');
  const narrow = box.clientWidth < 520;
  const top = 8, equityHeight = narrow ? 210 : 290, gap = 26, drawdownHeight = narrow ? 80 : 105, bottom = 24;
  const height = top + equityHeight + gap + drawdownHeight + bottom;
  const [picture, width] = drawing(box, height);
  const left = 54, right = width - 8, last = dates.length - 1;
  box.setAttribute('aria-label', `Equity and drawdown of ${nameOf(byIndex[chosen])} against holding, ${dates[0]} to ${dates[last]}: ` +
    `${textOf(byIndex[chosen], 'total_return')} against ${holdRow ? textOf(holdRow, 'total_return') : '–'}.`);
  if (last < 1) { picture.append(svg('text', { x: left, y: 40 }, 'No sessions to draw.')); return; }
  const lines = [[equal, 'other'], [held, 'hold'], [set, 'set']].filter(([curve]) => curve && curve.equity.length > 1);
  const x = (i) => left + (right - left) * i / last;

  let low = Infinity, high = -Infinity;
  for (const [curve] of lines) for (const value of curve.equity) { low = Math.min(low, value); high = Math.max(high, value); }
  const scale = logarithmic ? (v) => Math.log(Math.max(v, 1e-6)) : (v) => v;
  const pad = (scale(high) - scale(low)) * 0.04 || 0.01;
  const from = scale(low) - pad, to = scale(high) + pad;
  const y = (v) => top + equityHeight * (1 - (scale(v) - from) / (to - from));
  let ticks;
  if (logarithmic) {
    const decades = [];
    for (let p = -3; p <= 4; ++p) for (const m of [1, 1.2, 1.5, 2, 3, 5, 7]) decades.push(m * 10 ** p);
    ticks = decades.filter((v) => scale(v) >= from && scale(v) <= to);
    if (ticks.length < 3) ticks = steps(low, high, 5);
    while (ticks.length > 8) ticks = ticks.filter((v, i) => i % 2 === 0 || Math.abs(v - 1) < 1e-9);
  } else {
    ticks = steps(low, high, narrow ? 4 : 6);
  }
  for (const v of ticks) {
    picture.append(svg('line', { class: Math.abs(v - 1) < 1e-9 ? 'zero' : 'grid', x1: left, x2: right, y1: y(v), y2: y(v) }));
    picture.append(svg('text', { x: left - 8, y: y(v) + 4, 'text-anchor': 'end' }, minus(`${Math.round((v - 1) * 1000) / 10}%`)));
  }

  const base = top + equityHeight + gap;
  let deepest = -0.01;
  for (const [curve, kind] of lines) if (kind !== 'other') for (const v of curve.drawdown) deepest = Math.min(deepest, v);
  const yd = (v) => base + drawdownHeight * (v / deepest);
  for (const v of steps(deepest, 0, narrow ? 2 : 3)) {
    picture.append(svg('line', { class: v > -1e-12 ? 'zero' : 'grid', x1: left, x2: right, y1: yd(v), y2: yd(v) }));
    picture.append(svg('text', { x: left - 8, y: yd(v) + 4, 'text-anchor': 'end' }, minus(`${Math.round(v * 1000) / 10}%`)));
  }
  for (const [i, word] of dateTicks(right - left)) {
    picture.append(svg('line', { class: 'grid', x1: x(i), x2: x(i), y1: top, y2: base + drawdownHeight }));
    if (x(i) < right - 14) picture.append(svg('text', { x: x(i), y: height - 6, 'text-anchor': 'middle' }, word));
  }
  picture.append(svg('text', { x: left, y: base - 8 }, 'Drawdown'));

  const path = (values, at) => {
    // At most two points a pixel: the lowest and the highest of the sessions that share it.
    const per = Math.max(1, Math.floor(values.length / (right - left)));
    let out = '';
    for (let i = 0; i < values.length; i += per) {
      let a = i, b = i;
      for (let k = i; k < Math.min(i + per, values.length); ++k) { if (values[k] < values[a]) a = k; if (values[k] > values[b]) b = k; }
      for (const k of a < b ? [a, b] : a > b ? [b, a] : [a]) out += `${out ? 'L' : 'M'}${x(k).toFixed(1)} ${at(values[k]).toFixed(1)}`;
    }
    if ((values.length - 1) % per) out += `L${x(values.length - 1).toFixed(1)} ${at(values.at(-1)).toFixed(1)}`;
    return out;
  };
  if (set) picture.append(svg('path', { class: 'area', d: `${path(set.drawdown, yd)}L${x(set.drawdown.length - 1)} ${base}L${left} ${base}Z` }));
  for (const [curve, kind] of lines) {
    picture.append(svg('path', { class: `line ${kind}`, d: path(curve.equity, y) }));
    if (kind !== 'other') picture.append(svg('path', { class: `line ${kind}`, 'stroke-width': 1.2, d: path(curve.drawdown, yd) }));
  }

  const cross = svg('line', { class: 'cross', y1: top, y2: base + drawdownHeight, visibility: 'hidden' });
  picture.append(cross);
  const words = (i, spoken) => {
    const parts = [];
    const names = { set: nameOf(byIndex[chosen]), hold: 'holding', other: other?.name.replaceAll('_', ' ') };
    for (const [curve, kind] of [...lines].reverse()) {
      const value = percentText(curve.equity[i] - 1), fall = percentText(curve.drawdown[i]);
      if (spoken) parts.push(`${names[kind]} ${value}, drawdown ${fall}`);
      else parts.push(element('span', {}, element('span', { class: `mark line-${kind}` }), ` ${names[kind]} `, element('b', {}, value),
        element('span', { class: 'soft' }, ` drawdown ${fall}`)));
    }
    return parts;
  };
  const show = (i) => {
    readSession = i;
    const at = i ?? last;
    cross.setAttribute('visibility', i === null ? 'hidden' : 'visible');
    cross.setAttribute('x1', x(at)); cross.setAttribute('x2', x(at));
    $('readout').replaceChildren(element('b', {}, dates[at]), ...words(at, false));
  };
  const point = (event) => {
    const place = picture.getBoundingClientRect();
    const at = (event.clientX - place.left) * width / place.width;
    show(Math.max(0, Math.min(last, Math.round((at - left) / (right - left) * last))));
  };
  picture.addEventListener('pointermove', point);
  picture.addEventListener('pointerdown', point);
  picture.addEventListener('pointerleave', () => show(null));
  box.onkeydown = (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -last, End: last }[event.key];
    if (event.key === 'Escape') { show(null); return; }
    if (!move) return;
    event.preventDefault();
    show(Math.max(0, Math.min(last, (readSession ?? last) + move)));
    $('spoken').textContent = `${dates[readSession]}: ${words(readSession, true).join('; ')}`;
  };
  box.onblur = () => show(null);
  show(readSession);
};

// --- marks of all sets: beyond holding, turnover --------------------------------------------------
const found = (row) => valueOf(row, 'q_value') <= 0.05;
const mark = (cx, cy, index, size) => {
  const row = byIndex[index];
  const kind = `point${found(row) ? ' found' : ''}${index === chosen ? ' chosen' : ''}`;
  const shape = found(row)
    ? svg('path', { class: kind, d: `M${cx} ${cy - size - 1.5}L${cx + size + 1.5} ${cy}L${cx} ${cy + size + 1.5}L${cx - size - 1.5} ${cy}Z` })
    : svg('circle', { class: kind, cx, cy, r: size });
  shape.append(svg('title', {}, `${nameOf(row)}\nSharpe beyond holding ${textOf(row, 'sharpe_beyond')}, DSR ${textOf(row, 'dsr')}, q ${textOf(row, 'q_value')}`));
  shape.addEventListener('click', () => choose(index));
  return shape;
};

const drawStrip = () => {
  const points = byIndex.map((row, index) => ({ index, value: valueOf(row, 'sharpe_beyond') })).filter((p) => Number.isFinite(p.value));
  const box = $('strip');
  if (!points.length) { box.replaceChildren(); return; }
  let low = 0, high = Math.max(0, data.luck);
  for (const p of points) { low = Math.min(low, p.value); high = Math.max(high, p.value); }
  const pad = (high - low) * 0.06 || 0.1;
  low -= pad; high += pad;
  const width = Math.max(240, Math.floor(box.clientWidth)), left = 10, right = width - 10;
  const x = (v) => left + (right - left) * (v - low) / (high - low);
  const size = width < 520 ? 3.6 : 4.6, step = size * 2 + 1;
  // A mark goes to the first place, counted from the middle, where it touches none before it.
  const placed = [];
  points.sort((a, b) => a.value - b.value || a.index - b.index);
  let reach = 0;
  for (const p of points) {
    p.x = x(p.value);
    for (let k = 0; ; ++k) {
      p.y = (k % 2 ? 1 : -1) * Math.ceil(k / 2) * step * 0.55;
      if (placed.every((o) => (o.x - p.x) ** 2 + (o.y - p.y) ** 2 >= step * step * 0.9)) break;
    }
    placed.push(p);
    reach = Math.max(reach, Math.abs(p.y));
  }
  const top = 22, middle = top + Math.max(26, reach + size + 6), floor = 2 * middle - top, height = floor + 22;
  const best = byIndex[data.best];
  const [picture] = drawing(box, height, `Sharpe beyond holding of ${points.length} sets. Luck alone ${data.luck.toFixed(2)}; ` +
    `the best by deflated Sharpe, ${nameOf(best)}, has ${textOf(best, 'sharpe_beyond')}.`);
  if (data.luck > 0) picture.append(svg('rect', { class: 'zone', x: left - 10, y: top, width: x(data.luck) - left + 10, height: floor - top }));
  const ticks = steps(low, high, width < 520 ? 4 : 8), digits = decimalsFor(ticks);
  for (const v of ticks) {
    picture.append(svg('line', { class: Math.abs(v) < 1e-9 ? 'zero' : 'grid', x1: x(v), x2: x(v), y1: top, y2: floor }));
    picture.append(svg('text', { x: x(v), y: floor + 15, 'text-anchor': 'middle' }, minus(v.toFixed(digits))));
  }
  if (data.luck > 0) {
    const at = x(data.luck);
    picture.append(svg('line', { class: 'luck', x1: at, x2: at, y1: top - 4, y2: floor }));
    const anchor = at > width - 150 ? 'end' : at < 150 ? 'start' : 'middle';
    picture.append(svg('text', { class: 'strong', x: at, y: top - 9, 'text-anchor': anchor }, `luck alone: ${data.luck.toFixed(2)}`));
  }
  for (const p of placed) picture.append(mark(p.x, middle + p.y, p.index, size));
};

const drawTurnover = () => {
  const box = $('turnover');
  const points = byIndex.map((row, index) => ({ index, x: valueOf(row, 'turnover'), y: valueOf(row, 'sharpe_beyond') }))
    .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
  if (!points.length) { box.replaceChildren(); return; }
  const height = 240;
  const [picture, width] = drawing(box, height, `Turnover a year and Sharpe beyond holding of ${points.length} sets.`);
  const left = 44, right = width - 8, top = 10, floor = height - 40;
  const highX = Math.max(...points.map((p) => p.x)) * 1.05 || 1;
  let low = 0, high = 0;
  for (const p of points) { low = Math.min(low, p.y); high = Math.max(high, p.y); }
  const pad = (high - low) * 0.06 || 0.1;
  low -= pad; high += pad;
  const x = (v) => left + (right - left) * v / highX, y = (v) => floor - (floor - top) * (v - low) / (high - low);
  const ys = steps(low, high, 5), xs = steps(0, highX, 5);
  for (const v of ys) {
    picture.append(svg('line', { class: Math.abs(v) < 1e-9 ? 'zero' : 'grid', x1: left, x2: right, y1: y(v), y2: y(v) }));
    picture.append(svg('text', { x: left - 7, y: y(v) + 4, 'text-anchor': 'end' }, minus(v.toFixed(decimalsFor(ys)))));
  }
  for (const v of xs) picture.append(svg('text', { x: x(v), y: floor + 16, 'text-anchor': 'middle' }, v.toFixed(decimalsFor(xs))));
  picture.append(svg('text', { x: right, y: floor + 33, 'text-anchor': 'end' }, 'turnover, times equity a year'));
  picture.append(svg('text', { x: left + 4, y: top + 4 }, 'Sharpe beyond holding'));
  for (const p of points) picture.append(mark(x(p.x), y(p.y), p.index, 4.2));
};

// --- distribution over symbols --------------------------------------------------------------------
const drawSymbols = () => {
  const box = $('symbols'), readout = $('symbols-readout');
  readout.textContent = '';
  const ours = (data.sets[chosen]?.a ?? []).map((v) => v / 1e4), theirs = (hold?.a ?? []).map((v) => v / 1e4);
  if (!ours.length) { box.replaceChildren(element('p', { class: 'soft' }, 'No accounts.')); return; }
  if (ours.length <= 40 && theirs.length === ours.length) drawPairs(box, readout, ours, theirs);
  else drawHistogram(box, readout, ours, theirs);
};

// Few accounts: one line each, from holding to the set.
const drawPairs = (box, readout, ours, theirs) => {
  const order = ours.map((_, i) => i).sort((a, b) => theirs[b] - theirs[a] || a - b);
  const line = 20, top = 8, height = top + order.length * line + 26;
  const [picture, width] = drawing(box, height, `Return of ${ours.length} accounts, the set and holding.`);
  const names = order.map((i) => data.accounts[i] ?? `account ${i + 1}`);
  const left = Math.min(width * 0.38, 12 + Math.max(...names.map((n) => [...n].reduce((w, c) => w + (c > '\u1100' ? 12.5 : 7), 0)))), right = width - 22;
  let low = 0, high = 0;
  for (const v of [...ours, ...theirs]) { low = Math.min(low, v); high = Math.max(high, v); }
  const x = (v) => left + 8 + (right - left - 8) * (v - low) / (high - low || 1);
  const ticks = steps(low, high, 4), floor = top + order.length * line;
  for (const v of ticks) {
    picture.append(svg('line', { class: Math.abs(v) < 1e-9 ? 'zero' : 'grid', x1: x(v), x2: x(v), y1: top, y2: floor }));
    picture.append(svg('text', { x: x(v), y: floor + 16, 'text-anchor': 'middle' }, minus(`${Math.round(v * 100)}%`)));
  }
  order.forEach((i, k) => {
    const y = top + k * line + line / 2;
    picture.append(svg('text', { x: left - 2, y: y + 4, 'text-anchor': 'end' }, names[k]));
    picture.append(svg('line', { class: 'dumb', x1: x(ours[i]), x2: x(theirs[i]), y1: y, y2: y }));
    picture.append(svg('circle', { class: 'end-hold', cx: x(theirs[i]), cy: y, r: 4.2 }));
    picture.append(svg('circle', { class: 'end-set', cx: x(ours[i]), cy: y, r: 4.6 }));
    const touch = svg('rect', { x: 0, y: y - line / 2, width, height: line, fill: 'transparent' });
    touch.addEventListener('pointerenter', () => {
      readout.textContent = `${names[k]}: set ${percentText(ours[i])}, holding ${percentText(theirs[i])}`;
    });
    picture.append(touch);
  });
};

const drawHistogram = (box, readout, ours, theirs) => {
  const sorted = [...ours, ...theirs].sort((a, b) => a - b);
  const low = quantile(sorted, 0.005), high = quantile(sorted, 0.985);
  const wanted = Math.max(10, Math.min(40, Math.round(Math.sqrt(ours.length) * 1.6)));
  const ticks = steps(low, high, wanted);
  const width1 = ticks.length > 1 ? ticks[1] - ticks[0] : 0.1;
  const first = Math.floor(low / width1), count = Math.max(1, Math.ceil(high / width1) - first);
  const fill = (values) => {
    const bins = new Array(count).fill(0);
    for (const v of values) ++bins[Math.max(0, Math.min(count - 1, Math.floor(v / width1) - first))];
    return bins;
  };
  const set = fill(ours), held = fill(theirs), most = Math.max(1, ...set, ...held);
  const height = box.clientWidth < 420 ? 250 : 350, left = 44, top = 10, floor = height - 40;
  const [picture, width] = drawing(box, height, `Accounts by return, the set and holding: medians ${textOf(byIndex[chosen], 'median')} and ${holdRow ? textOf(holdRow, 'median') : '–'}.`);
  const right = width - 8, x = (bin) => left + (right - left) * bin / count, y = (n) => floor - (floor - top) * n / most;
  for (const n of steps(0, most, 4).filter(Number.isInteger)) {
    picture.append(svg('line', { class: n ? 'grid' : 'zero', x1: left, x2: right, y1: y(n), y2: y(n) }));
    picture.append(svg('text', { x: left - 7, y: y(n) + 4, 'text-anchor': 'end' }, String(n)));
  }
  set.forEach((n, bin) => picture.append(svg('rect', { class: 'bin-set', x: x(bin) + 0.5, y: y(n), width: Math.max(0.5, x(1) - x(0) - 1), height: floor - y(n) })));
  if (theirs.length) {
    let d = `M${x(0)} ${floor}`;
    held.forEach((n, bin) => { d += `V${y(n)}H${x(bin + 1)}`; });
    picture.append(svg('path', { class: 'step-hold', d: `${d}V${floor}` }));
  }
  for (const v of steps(first * width1, (first + count) * width1, width < 480 ? 4 : 6)) {
    const at = x(v / width1 - first);
    picture.append(svg('text', { x: at, y: floor + 16, 'text-anchor': 'middle' }, minus(`${Math.round(v * 100)}%`)));
    if (Math.abs(v) < 1e-9) picture.append(svg('line', { class: 'zero', x1: at, x2: at, y1: top, y2: floor }));
  }
  picture.append(svg('text', { x: right, y: floor + 33, 'text-anchor': 'end' }, 'return of an account; the outermost bars hold all beyond'));
  picture.append(svg('text', { x: left + 4, y: top + 4 }, 'accounts'));
  picture.addEventListener('pointermove', (event) => {
    const place = picture.getBoundingClientRect();
    const bin = Math.floor(((event.clientX - place.left) * width / place.width - left) / (right - left) * count);
    if (bin < 0 || bin >= count) { readout.textContent = ''; return; }
    const edge = (b) => percentText((first + b) * width1, 0);
    const range = bin === 0 ? `below ${edge(1)}` : bin === count - 1 ? `${edge(bin)} and more` : `${edge(bin)} to ${edge(bin + 1)}`;
    readout.textContent = `${range}: set ${set[bin]}, holding ${held[bin]} accounts`;
  });
  picture.addEventListener('pointerleave', () => { readout.textContent = ''; });
};

// --- one set --------------------------------------------------------------------------------------
const headOf = (key) => heads.find((head) => head.dataset.k === key)?.dataset.word ?? key;
const figures = (id, keys) => {
  const row = byIndex[chosen];
  $(id).replaceChildren(...keys.map((key) => element('div', {}, element('dt', {}, headOf(key)), element('dd', {}, textOf(row, key)))));
};
const drawCosts = () => {
  const row = byIndex[chosen];
  const line = (key) => element('tr', {}, element('th', { scope: 'row' }, headOf(key)), element('td', {}, textOf(row, key)),
    element('td', {}, holdRow ? textOf(holdRow, key) : '–'));
  $('costs').replaceChildren(
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, element('span', { class: 'sr' }, 'Measure')), element('th', { scope: 'col' }, 'Set'), element('th', { scope: 'col' }, 'Holding'))),
    element('tbody', {}, ...['cost_krw', 'slippage_krw', 'turnover', 'trades', 'exposure', 'skipped_entries'].map(line)));
};
const drawAll = () => { drawStrip(); drawCurve(); drawSymbols(); drawTurnover(); };
const choose = (index) => {
  chosen = index;
  const row = byIndex[index];
  if (!row) return;
  for (const r of rows) {
    r.classList.toggle('chosen', r === row);
    r.querySelector('.pick').setAttribute('aria-pressed', String(r === row));
  }
  $('pick').value = String(index);
  $('about').textContent = row.dataset.about;
  for (const node of document.querySelectorAll('.chosen')) if (node.tagName === 'SPAN') node.textContent = nameOf(row);
  figures('figures', ['sharpe', 'sharpe_beyond', 'dsr', 'q_value', 'cagr', 'max_drawdown', 'max_drawdown_sessions', 'trades', 'win_rate', 'exposure']);
  figures('symbol-figures', ['median', 'q1', 'q3', 'beat_holding', 'top5_profit_share']);
  drawCosts();
  drawAll();
};
for (const row of byIndex) {
  const tag = [Number(row.dataset.i) === 0 && 'leads', Number(row.dataset.i) === data.best && 'best by DSR'].filter(Boolean).join(', ');
  $('pick').append(element('option', { value: row.dataset.i }, `${textOf(row, 'rank')}. ${nameOf(row)}${tag ? ` (${tag})` : ''}`));
}
$('pick').addEventListener('change', (event) => choose(Number(event.target.value)));
for (const row of rows) row.addEventListener('click', () => choose(Number(row.dataset.i)));
for (const [id, on] of [['linear', false], ['log', true]])
  $(id).addEventListener('click', () => {
    logarithmic = on;
    $('linear').setAttribute('aria-pressed', String(!on));
    $('log').setAttribute('aria-pressed', String(on));
    drawCurve();
  });

// --- the table: sort, search, columns -------------------------------------------------------------
const shownAtFirst = 25;
let sorted = { key: 'rank', down: false }, all = rows.length <= shownAtFirst + 5;
const smallFirst = new Set(['rank', 'name', 'q_value', 'max_drawdown', 'max_drawdown_sessions', 'volatility', 'min_trl', 'cost_krw', 'slippage_krw', 'skipped_entries']);
const arrange = () => {
  const words = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const { key, down } = sorted;
  const order = [...rows].sort((a, b) => {
    const tie = Number(a.dataset.i) - Number(b.dataset.i);
    if (key === 'name') return (down ? -1 : 1) * nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }) || tie;
    const x = valueOf(a, key), y = valueOf(b, key);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || tie;
    return (down ? y - x : x - y) || tie;
  });
  let matching = 0, shown = 0;
  for (const row of order) {
    const text = `${nameOf(row)} ${row.dataset.about}`.toLowerCase();
    const hit = words.every((word) => text.includes(word));
    const on = hit && (all || words.length > 0 || shown < shownAtFirst);
    matching += hit;
    shown += on;
    row.classList.toggle('off', !on);
  }
  $('rows').append(...order);
  for (const head of heads) head.setAttribute('aria-sort', head.dataset.k === key ? (down ? 'descending' : 'ascending') : 'none');
  $('count').textContent = `${shown} of ${rows.length} sets shown` + (words.length ? `, ${matching} match` : '') +
    `, by ${headOf(key)}, ${key === 'name' ? (down ? 'Z first' : 'A first') : down ? 'highest first' : 'lowest first'}`;
  $('more').hidden = words.length > 0 || rows.length <= shownAtFirst + 5;
  $('more').textContent = all ? `Show the first ${shownAtFirst}` : `Show all ${rows.length}`;
};
for (const head of heads)
  head.querySelector('button').addEventListener('click', () => {
    const key = head.dataset.k;
    sorted = { key, down: sorted.key === key ? !sorted.down : !smallFirst.has(key) };
    arrange();
  });
$('search').addEventListener('input', arrange);
$('more').addEventListener('click', () => { all = !all; arrange(); });
for (const button of document.querySelectorAll('[data-view]'))
  if (button.tagName === 'BUTTON')
    button.addEventListener('click', () => {
      $('board').dataset.view = button.dataset.view;
      for (const b of document.querySelectorAll('button[data-view]')) b.setAttribute('aria-pressed', String(b === button));
    });

arrange();
choose(chosen);
let width = root.clientWidth;
new ResizeObserver(() => {
  if (root.clientWidth === width) return;
  width = root.clientWidth;
  drawAll();
}).observe(root);
addEventListener('beforeprint', drawAll);
})();
