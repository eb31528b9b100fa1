"use strict";
// The page: filters, headline figures, charts, tables. Text from the data becomes text nodes only.

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = data.charts.map((spec) => {
    const { rows, columns, ...rest } = spec;
    return { sum: [], ...rest, columns_shown: columns, columns: figures.unpacked(rows) };
  });
  const LISTED = 12;
  const filters = {};
  // The organization that was chosen itself, not as that of a site or team.
  let askedOrganization = null;
  // The words that a person typed above a list, by chart.
  const wordsTyped = new Map();
  const shown = new Map();

  // ---- small helpers

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }

  function many(count, noun) {
    return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
  }

  const decimals = (digits) => ({ minimumFractionDigits: digits, maximumFractionDigits: digits });
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const monthName = (text) => `${MONTHS[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)}`;
  const dayName = (text) => `${Number(text.slice(8, 10))} ${monthName(text)}`;

  const FORMATS = {
    integer: (value) => value.toLocaleString("en-US", decimals(0)),
    decimal: (value) => value.toLocaleString("en-US", decimals(1)),
    hours: (value) => value.toLocaleString("en-US", decimals(1)),
    percent: (value) => `${(100 * value).toLocaleString("en-US", decimals(1))}%`,
    money: (value) => value.toLocaleString("en-US", decimals(0)),
    late: (value) => value.toLocaleString("en-US", decimals(0)),
    month: monthName,
    date: dayName,
    flag: (value) => (value ? "yes" : ""),
    id: String,
    name: (value) => (value === OTHERS ? "Others" : value.slice(value.indexOf("|") + 1)),
  };
  const NUMBERS = new Set(["integer", "decimal", "hours", "percent", "money", "late"]);

  function formatted(chart, name, value) {
    if (value === null || value === undefined) return "";
    const { format } = chart.columns_shown[name] || {};
    if (format === "name" && value === OTHERS) return chart.top.others;
    return format ? FORMATS[format](value) : String(value);
  }

  const label = (chart, name) => (chart.columns_shown[name] || {}).label || name.replaceAll("_", " ");

  // The label within a sentence: "Orders due" becomes "orders due", "PM orders" stays.
  const inText = (chart, name) => label(chart, name).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

  // ---- filters, and their state in the address

  const named = (list, id) => (list.find((one) => one.id === id) || {}).name || "No name";
  const inOrganization = (one) => filters.organization === null || one.organization === filters.organization;
  const siteKey = (one) => `${one.organization}-${one.id}`;

  function months() {
    const found = [];
    let [year, month] = data.first_month.split("-").map(Number);
    for (;;) {
      const text = `${year}-${String(month).padStart(2, "0")}`;
      found.push(text);
      if (text >= data.last_month) return found;
      month += 1;
      if (month > 12) [year, month] = [year + 1, 1];
    }
  }

  const allMonths = data.first_month ? months() : [];
  const defaultFrom = allMonths[Math.max(0, allMonths.length - 12)] || "";
  const defaultTo = allMonths[allMonths.length - 1] || "";

  // Periods by name, from the month of the newest data; those that the page holds.
  function periods() {
    const last = allMonths.length - 1;
    const quarter = last - ((Number(defaultTo.slice(5)) - 1) % 3);
    const year = allMonths.indexOf(`${defaultTo.slice(0, 4)}-01`);
    return [
      ["Last 12 months", Math.max(0, last - 11), last],
      ["This month", last, last],
      ["Last month", last - 1, last - 1],
      ["This quarter", quarter, last],
      ["Last quarter", quarter - 3, quarter - 1],
      ["This year", year, last],
    ]
      .filter(([, from]) => from >= 0)
      .map(([name, from, to]) => ({ name, months: { from: allMonths[from], to: allMonths[to] } }));
  }

  function clearFilters() {
    askedOrganization = null;
    Object.assign(filters, { organization: null, site: null, team: null, from: defaultFrom, to: defaultTo });
  }

  function readAddress() {
    clearFilters();
    const given = new URLSearchParams(location.hash.slice(1));
    const organization = data.organizations.find((one) => String(one.id) === given.get("organization"));
    if (organization) askedOrganization = filters.organization = organization.id;
    for (const [name, list] of [["site", data.sites], ["team", data.teams]]) {
      const one = list.find((each) => siteKey(each) === given.get(name));
      if (one && inOrganization(one)) {
        filters[name] = one.id;
        filters.organization = one.organization;
      }
    }
    for (const name of ["from", "to"]) if (allMonths.includes(given.get(name))) filters[name] = given.get(name);
    if (filters.from > filters.to) filters.from = filters.to;
  }

  function writeAddress() {
    const kept = new URLSearchParams();
    if (askedOrganization !== null) kept.set("organization", askedOrganization);
    for (const name of ["site", "team"]) {
      if (filters[name] !== null) kept.set(name, `${filters.organization}-${filters[name]}`);
    }
    if (filters.from !== defaultFrom) kept.set("from", filters.from);
    if (filters.to !== defaultTo) kept.set("to", filters.to);
    history.replaceState(null, "", `#${kept}`);
  }

  function fill(select, options, value) {
    select.replaceChildren(...options.map(([id, text]) => make("option", { value: id, selected: id === value }, text)));
    select.closest("label").hidden = options.length < 2;
  }

  // Two organizations can have a team of the same name.
  function nameAmong(list, one) {
    const isUnique = list.filter((other) => other.name === one.name).length === 1;
    return isUnique ? one.name || "No name" : `${one.name || "No name"} (${named(data.organizations, one.organization)})`;
  }

  function showFilters() {
    fill(
      byId("organization"),
      [...(data.organizations.length > 1 ? [["", "All"]] : []), ...data.organizations.map((one) => [String(one.id), one.name || "No name"])],
      String(filters.organization ?? ""),
    );
    for (const [name, list] of [["site", data.sites], ["team", data.teams]]) {
      fill(
        byId(name),
        [["", "All"], ...list.filter(inOrganization).map((one, _at, among) => [siteKey(one), nameAmong(among, one)])],
        filters[name] === null ? "" : `${filters.organization}-${filters[name]}`,
      );
    }
    const period = periods().find(({ months: { from, to } }) => from === filters.from && to === filters.to);
    fill(
      byId("period"),
      [...(period ? [] : [["", "Other"]]), ...periods().map(({ name }) => [name, name])],
      period ? period.name : "",
    );
    for (const name of ["from", "to"]) {
      fill(byId(name), allMonths.map((month) => [month, monthName(month)]).reverse(), filters[name]);
    }
  }

  function chose(event) {
    const { id, value } = event.target;
    if (id === "organization") {
      askedOrganization = value === "" ? null : Number(value);
      Object.assign(filters, { organization: askedOrganization, site: null, team: null });
    } else if (id === "site" || id === "team") {
      if (value === "") filters[id] = null;
      else [filters.organization, filters[id]] = value.split("-").map(Number);
      // A site and a team of two organizations have nothing in common.
      const other = id === "site" ? "team" : "site";
      const list = id === "site" ? data.teams : data.sites;
      if (!list.some((one) => inOrganization(one) && one.id === filters[other])) filters[other] = null;
      if (filters.site === null && filters.team === null) filters.organization = askedOrganization;
    } else if (id === "period") {
      Object.assign(filters, periods().find((one) => one.name === value).months);
    } else {
      filters[id] = value;
      if (filters.from > filters.to) filters[id === "from" ? "to" : "from"] = value;
    }
    writeAddress();
    show();
  }

  // What the figures stand for, as text.
  function scope() {
    const parts = [filters.organization === null ? "All organizations" : named(data.organizations, filters.organization)];
    if (filters.site !== null) parts.push(named(data.sites.filter(inOrganization), filters.site));
    if (filters.team !== null) parts.push(`team ${named(data.teams.filter(inOrganization), filters.team)}`);
    if (filters.from) parts.push(filters.from === filters.to ? monthName(filters.from) : `${monthName(filters.from)} to ${monthName(filters.to)}`);
    return parts.join(" · ");
  }

  // ---- headline figures

  function sparkline(chart, headline) {
    if (!chart.time || headline.by) return null;
    const points = figures
      .grouped(chart, figures.chosen(chart, filters), [chart.time])
      .sort((one, other) => (one[chart.time] < other[chart.time] ? -1 : 1))
      .map((one) => one[headline.value])
      .filter((value) => value !== null);
    if (points.length < 3) return null;
    const [low, high] = [Math.min(...points), Math.max(...points)];
    const at = (value, place) =>
      `${((place / (points.length - 1)) * 116 + 2).toFixed(1)},${(26 - ((value - low) / (high - low || 1)) * 22).toFixed(1)}`;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 120 30");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(svg.namespaceURI, "polyline");
    line.setAttribute("points", points.map(at).join(" "));
    const [x, y] = at(points[points.length - 1], points.length - 1).split(",");
    const dot = document.createElementNS(svg.namespaceURI, "circle");
    for (const [name, value] of Object.entries({ cx: x, cy: y, r: 2.5 })) dot.setAttribute(name, value);
    svg.append(line, dot);
    return svg;
  }

  // The figure of the period before, and whether it was better.
  function change(chart, headline, total) {
    const now = total[headline.value] ?? null;
    const before = filters.from && chart.time && figures.periodBefore(filters, data.first_month);
    if (!before || now === null) return null;
    const former = figures.totals(chart, before, headline.by).find((one) => !headline.by || one[headline.by] === total[headline.by]);
    const then = former ? former[headline.value] : null;
    if (then === null) return null;
    const [a, b] = [now, then].map((value) => formatted(chart, headline.value, value));
    const better = a === b ? undefined : { up: now > then, down: now < then }[headline.better];
    const months = before.from === before.to ? monthName(before.to) : `${monthName(before.from)} to ${monthName(before.to)}`;
    return make(
      "p",
      { class: `change ${better === undefined ? "" : better ? "good" : "bad"}` },
      make("span", { "aria-hidden": "true" }, a === b ? "■ " : now > then ? "▲ " : "▼ "),
      a === b ? "as in " : now > then ? "up from " : "down from ",
      a === b ? "" : make("data", { value: then, "data-before": headline.value }, b),
      make("span", { class: "quiet" }, `${a === b ? "" : " in "}${chart.stock ? monthName(before.to) : months}`),
    );
  }

  function parts(chart, name, total) {
    const quotient = (chart.quotients || {})[name];
    if (!quotient) return null;
    const { numerator, denominator, coverage } = quotient;
    const value = (part) => (total[part] === null ? "not known" : formatted(chart, part, total[part]));
    let text = `${value(numerator)} of ${value(denominator)} (${inText(chart, numerator)} of ${inText(chart, denominator)})`;
    if (coverage && total[coverage] !== null) text += ` · ${inText(chart, coverage)}: ${formatted(chart, coverage, total[coverage])}`;
    return make("p", { class: "parts" }, text);
  }

  function figure(chart, name, total, className) {
    const value = total[name];
    return value === null
      ? make("span", { class: `${className} unknown` }, "not known")
      : make("data", { class: className, value, "data-figure": name }, formatted(chart, name, value));
  }

  function also(chart, headline, total) {
    const items = (headline.also || []).map((name) => make("li", {}, `${label(chart, name)} `, figure(chart, name, total, "small")));
    return items.length ? make("ul", { class: "also" }, ...items) : "";
  }

  function card(chart, headline) {
    const totals = figures.totals(chart, filters, headline.by);
    const values = totals.map((total) =>
      make("p", { class: "value" }, figure(chart, headline.value, total, "big"), headline.by ? make("span", { class: "unit" }, ` ${total[headline.by]}`) : ""),
    ).flatMap((value, at) => (headline.by ? [value, change(chart, headline, totals[at]) || "", also(chart, headline, totals[at])] : [value]));
    const total = totals[0] || {};
    const target = chart.target && headline.value in (chart.quotients || {}) ? `, target ${FORMATS.percent(chart.target)}` : "";
    return make(
      "li",
      { class: "card", "data-chart": chart.name, "data-headline": headline.value },
      make("h3", {}, headline.label, make("span", { class: "unit" }, headline.unit ? ` ${headline.unit}${target}` : target.slice(1))),
      ...(values.length ? values : [make("p", { class: "value" }, make("span", { class: "big unknown" }, "not known"))]),
      headline.by ? "" : change(chart, headline, total) || "",
      sparkline(chart, headline) || "",
      headline.by ? "" : parts(chart, headline.value, total) || "",
      headline.by ? "" : also(chart, headline, total),
      make("p", { class: "scope" }, period(chart), missing(chart)),
      make("a", { class: "how", href: `#chart-${chart.name}`, click: (event) => jump(event, chart) }, "How it is counted", make("span", { class: "hidden" }, `: ${headline.label}`)),
    );
  }

  function jump(event, chart) {
    event.preventDefault();
    const element = byId(`chart-${chart.name}`);
    element.querySelector("details.definition").open = true;
    element.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    element.querySelector("h3").focus({ preventScroll: true });
  }

  function period(chart) {
    if (chart.stock) {
      const last = figures.lastTime(chart, filters);
      return last ? `In the week from ${dayName(last)}.` : "";
    }
    if (chart.time) return runningMonth();
    return chart.period ? `Always ${chart.period}.` : "State now; the period does not apply.";
  }

  // A month that is not over has fewer days than the others, and orders that are not due yet.
  function runningMonth() {
    if (!data.as_of_at || filters.to !== data.last_month) return "";
    const day = data.as_of_at.slice(0, 10);
    return `${monthName(filters.to)} counts up to ${dayName(day)} and can still change.`;
  }

  // The filters that are set and that the chart's mart does not know.
  function missing(chart) {
    const unknown = ["site", "team"].filter((name) => filters[name] !== null && !figures.knows(chart, name));
    if (!unknown.length) return "";
    return make("span", { class: "unfiltered" }, ` Not filtered by ${unknown.join(" and ")}: these records have none.`);
  }

  // ---- charts

  function build() {
    const sections = new Map();
    for (const chart of charts) {
      if (!sections.has(chart.section)) {
        const id = `section-${sections.size}`;
        const narrow = charts.filter((one) => one.section === chart.section && !one.wide).length;
        const grid = make("div", { class: `grid columns-${Math.min(3, narrow)}` });
        byId("sections").append(make("section", { "aria-labelledby": id }, make("h2", { id }, chart.section), grid));
        sections.set(chart.section, grid);
      }
      sections.get(chart.section).append(frame(chart));
    }
  }

  function frame(chart) {
    const heading = `chart-${chart.name}-title`;
    const view = {
      drawing: make("div", { class: "drawing" }),
      notes: make("div", { class: "notes" }),
      table: make("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": heading }),
      more: make("p", { class: "more" }),
      search: chart.list ? make("input", { type: "search", "aria-label": `Find in ${chart.title}`, placeholder: "Find a line, asset or text", input: (event) => {
        wordsTyped.set(chart.name, event.target.value);
        showTable(chart);
      } }) : "",
      png: chart.vega ? make("button", { type: "button", click: () => savePng(chart) }, "PNG", make("span", { class: "hidden" }, ` of the chart ${chart.title}`)) : "",
    };
    shown.set(chart.name, view);
    const csvButton = make("button", { type: "button", click: () => saveCsv(chart) }, "CSV", make("span", { class: "hidden" }, ` of the table ${chart.title}`));
    const tabled = chart.vega ? [make("details", { class: "data" }, make("summary", {}, "Table", make("span", { class: "hidden" }, `: ${chart.title}`)), view.table, view.more)] : [view.search, view.table, view.more].filter(Boolean);
    // What an empty chart does not need.
    view.parts = [...tabled, csvButton, ...(chart.vega ? [view.drawing, view.png] : [])];
    const body = [chart.vega ? view.drawing : "", view.notes, ...tabled].filter(Boolean);
    return make(
      "article",
      { class: `chart${chart.wide ? " wide" : ""}`, id: `chart-${chart.name}`, "aria-labelledby": heading },
      make("h3", { id: heading, tabindex: "-1" }, chart.title),
      make("p", { class: "question" }, chart.question),
      ...body,
      make(
        "div",
        { class: "tools" },
        make("details", { class: "definition" }, make("summary", {}, "How it is counted", make("span", { class: "hidden" }, `: ${chart.title}`)), ...definition(chart)),
        csvButton,
        view.png,
      ),
    );
  }

  function definition(chart) {
    const formulas = Object.entries(chart.quotients || {}).map(([name, { numerator, denominator }]) =>
      make("li", {}, `${label(chart, name)} = ${inText(chart, numerator)} / ${inText(chart, denominator)}`));
    return [
      make("p", {}, chart.definition),
      ...(formulas.length ? [make("ul", {}, ...formulas)] : []),
      make("p", {}, "From ", ...chart.marts.flatMap((mart, at) => [at ? ", " : "", make("code", {}, mart)]), ". Columns and tests of a mart: make docs."),
    ];
  }

  function notes(chart, rows) {
    const found = [period(chart), missing(chart)].filter(Boolean);
    const texts = found.length ? [make("p", { class: "scope" }, ...found)] : [];
    if (!rows.length) return [...texts, make("p", { class: "empty" }, chart.empty)];
    if (chart.list) return texts;
    const total = figures.total(chart, filters);
    for (const note of chart.notes || []) if (!total[note.unless]) texts.push(make("p", { class: "note" }, note.text));
    return texts;
  }

  function columnsOf(chart, rows) {
    const first = rows[0] || {};
    return Object.keys(chart.columns_shown).filter((name) => name in first);
  }

  function cell(chart, name, row, tag) {
    const column = chart.columns_shown[name];
    const value = row[name];
    const numeric = NUMBERS.has(column.format);
    const text = formatted(chart, name, value);
    let content = text;
    if (numeric && value !== null) content = make("data", { value, "data-figure": name }, text);
    if (column.link && /^https:\/\//.test(row[column.link] || "")) {
      content = make("a", { href: row[column.link], target: "_blank", rel: "noopener noreferrer" }, text || "No title", make("span", { class: "hidden" }, " (opens MaintainX)"));
    }
    const late = (column.format === "late" && value > 0) || (column.format === "flag" && value);
    const attributes = { class: [numeric ? "number" : "", column.format === "date" ? "date" : "", late ? "late" : ""].join(" ").trim() || null, dir: numeric ? null : "auto" };
    if (tag === "th") attributes.scope = "row";
    attributes["data-label"] = label(chart, name);
    return make(tag, attributes, content);
  }

  function table(chart, rows, all) {
    const names = columnsOf(chart, rows);
    const kept = chart.list && !all ? rows.slice(0, LISTED) : rows;
    return make(
      "table",
      { class: chart.list ? "list" : null },
      make("caption", { class: "hidden" }, `${chart.title}. ${scope()}.`),
      make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col", class: NUMBERS.has(chart.columns_shown[name].format) ? "number" : null }, label(chart, name))))),
      make("tbody", {}, ...kept.map((row) => make("tr", {}, ...names.map((name, at) => cell(chart, name, row, at ? "td" : "th"))))),
    );
  }

  // The records of a list that hold every word that was typed above it.
  function found(chart, rows) {
    const words = (wordsTyped.get(chart.name) || "").toLowerCase().split(/\s+/).filter(Boolean);
    const names = columnsOf(chart, rows);
    return rows.filter((row) => {
      const text = names.map((name) => formatted(chart, name, row[name])).join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  function showTable(chart, all = false) {
    const view = shown.get(chart.name);
    const held = figures.drawn(chart, filters, true);
    const rows = found(chart, held);
    view.notes.replaceChildren(...notes(chart, held));
    view.table.replaceChildren(...(rows.length ? [table(chart, rows, all)] : []));
    for (const part of view.parts) part.hidden = !held.length;
    view.more.replaceChildren();
    if (!chart.list) return;
    const hidden = all ? 0 : Math.max(0, rows.length - LISTED);
    const count = (number) => number.toLocaleString("en-US");
    view.more.append(`${count(rows.length - hidden)} of ${count(held.total)} shown. `);
    if (hidden) view.more.append(make("button", { type: "button", click: () => showTable(chart, true) }, `Show ${count(hidden)} more`, make("span", { class: "hidden" }, ` of ${chart.title}`)), " ");
    if (held.total > held.length) view.more.append(`The page holds the first ${count(held.length)}. Choose a site to see more of it; all are in the table ${chart.marts[0]}.`);
  }

  // ---- drawing

  const colours = () => data.theme[dark.matches ? "dark" : "light"];

  function coloured(value, palette) {
    if (Array.isArray(value)) return value.map((one) => coloured(one, palette));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, coloured(one, palette)]));
    return typeof value === "string" && value[0] === "$" ? palette[value.slice(1)] : value;
  }

  const config = (palette) => ({ ...coloured(data.config, palette), font: "system-ui, sans-serif" });

  function tooltip(_handler, event, _item, value) {
    const box = byId("tooltip");
    if (value === null || value === undefined || value === "") {
      box.hidden = true;
      return;
    }
    const lines = typeof value === "object" ? Object.entries(value) : [["", value]];
    box.replaceChildren(...lines.map(([name, text]) => make("div", {}, make("span", {}, name.trim()), ` ${text}`)));
    box.hidden = false;
    const { clientX, clientY } = event;
    box.style.left = `${Math.min(clientX + 14, innerWidth - box.offsetWidth - 8)}px`;
    box.style.top = `${Math.min(clientY + 14, innerHeight - box.offsetHeight - 8)}px`;
  }

  async function draw(chart) {
    const view = shown.get(chart.name);
    const rows = figures.drawn(chart, filters);
    if (!rows.length) return;
    const palette = colours();
    const width = Math.max(220, Math.floor(view.drawing.clientWidth));
    const key = `${palette.paper} ${width}`;
    if (view.drawn && view.key === key) {
      await view.drawn.view.data("rows", rows.map((row) => ({ ...row }))).resize().runAsync();
    } else {
      if (view.drawn) view.drawn.finalize();
      const spec = coloured(chart.vega, palette);
      const sized = spec.spec
        ? { ...spec, spec: { width: width - 60, ...spec.spec } }
        : { width, height: 210, ...spec };
      // Vega-Lite warns of "fit-x" beside a height that follows the number of bars; Vega does not.
      const patch = (vega) => (spec.spec ? vega : { ...vega, autosize: { type: "fit-x", contains: "padding" } });
      view.key = key;
      view.drawn = await vegaEmbed(
        view.drawing,
        { ...sized, data: { name: "rows" }, datasets: { rows } },
        // `ast`: expressions are interpreted, so that the page needs no eval.
        { mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, logLevel: 1, config: config(palette), patch, tooltip },
      );
    }
    view.drawing.querySelector("svg").setAttribute("aria-hidden", "true");
    view.drawing.setAttribute("role", "img");
    view.drawing.setAttribute("aria-label", `${chart.title}: ${chart.question} ${many(rows.length, "row")}, in the table below.`);
  }

  // ---- files

  function save(name, url) {
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
  }

  // Text that a spreadsheet would run as a formula gets an apostrophe, as in the project's exports.
  function csvCell(value) {
    let text = value === null || value === undefined ? "" : String(value);
    if (typeof value === "string" && /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text)) text = `'${text}`;
    return `"${text.replaceAll('"', '""')}"`;
  }

  function csv(chart) {
    const rows = found(chart, figures.drawn(chart, filters, true));
    const names = columnsOf(chart, rows);
    const plain = (row, name) => (chart.columns_shown[name].format === "name" ? formatted(chart, name, row[name]) : row[name]);
    const lines = [names, ...rows.map((row) => names.map((name) => plain(row, name)))];
    return lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
  }

  // The chart, the site or organization, and the period, such as cost-rockford-plant-2026-01-2026-06.csv.
  function fileName(chart, ending) {
    const place = scope().split(" · ").slice(0, -1).join(" ").toLowerCase();
    const words = place.match(/[\p{L}\p{N}]+/gu) || [];
    return `${[chart.name, ...words, filters.from, filters.to].filter(Boolean).join("-")}.${ending}`;
  }

  function saveCsv(chart) {
    const url = URL.createObjectURL(new Blob([csv(chart)], { type: "text/csv;charset=utf-8" }));
    save(fileName(chart, "csv"), url);
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  async function savePng(chart) {
    save(fileName(chart, "png"), await shown.get(chart.name).drawn.view.toImageURL("png", 2));
  }

  // ---- all together

  let turn = 0;

  async function show() {
    turn += 1;
    const mine = turn;
    document.body.dataset.drawn = "";
    document.body.dataset.theme = dark.matches ? "dark" : "light";
    showFilters();
    byId("status").textContent = scope();
    byId("headlines").replaceChildren(...charts.flatMap((chart) => (chart.headlines || []).map((headline) => card(chart, headline))));
    for (const chart of charts) showTable(chart);
    for (const chart of charts) {
      // Between two charts the page answers; a newer choice ends the drawing of an older one.
      await new Promise((resolve) => setTimeout(resolve));
      if (mine !== turn) return;
      if (chart.vega) await draw(chart);
    }
    if (mine === turn) document.body.dataset.drawn = "all";
  }

  function showFreshness() {
    byId("plant").textContent = data.organizations.map((one) => one.name || "No name").join(" · ");
    if (!data.as_of_at) return;
    const moment = (text) => `${dayName(text)}, ${text.slice(11, 16)} UTC`;
    const days = Math.floor((Date.now() - Date.parse(`${data.as_of_at}Z`)) / 86400000);
    byId("fresh").replaceChildren(
      "Data as of ",
      make("time", { datetime: `${data.as_of_at}Z` }, moment(data.as_of_at)),
      days > 0 ? make("strong", { class: days > 3 ? "stale" : null }, ` (${many(days, "day")} old)`) : "",
      data.published_at ? ` · published ${moment(data.published_at)}` : "",
    );
  }

  // The address holds the filters, so that a link within the page must not change it.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
  });
  byId("filters").addEventListener("change", chose);
  byId("reset").addEventListener("click", () => {
    clearFilters();
    writeAddress();
    show();
  });
  window.addEventListener("hashchange", () => {
    readAddress();
    show();
  });
  let resized = 0;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(show, 200);
  });
  dark.addEventListener("change", show);
  document.body.append(make("div", { id: "tooltip", "aria-hidden": "true", hidden: true }));
  build();
  readAddress();
  showFreshness();
  show();
})();
