"use strict";
// From the rows of a chart to its figures: filter, group, sum, divide. No page, no drawing.
// A ratio is always divided after its parts are summed; ratios are never averaged.

const OTHERS = "|"; // Keys are "id|name"; rows that are not named have no id.

const figures = {
  // Gives text columns, which arrive as words and places, as plain lists.
  unpacked(rows) {
    const columns = {};
    for (const [name, column] of Object.entries(rows)) {
      columns[name] = column.words ? column.places.map((place) => column.words[place]) : column;
    }
    return columns;
  },

  // Whether the chart knows the organization, site or team of its rows.
  knows(chart, dimension) {
    return { organization: "organization_id", site: "site_location_id", team: "team_id" }[dimension] in chart.columns;
  },

  // The numbers of the rows that the filters leave. Organization 0 stands for all of them.
  chosen(chart, filters) {
    const { organization_id, site_location_id, team_id } = chart.columns;
    const time = chart.time && chart.columns[chart.time];
    const found = [];
    for (let row = 0; row < (organization_id || []).length; row += 1) {
      const organization = organization_id[row];
      if (filters.organization !== null && organization !== 0 && organization !== filters.organization) continue;
      if (filters.site !== null && site_location_id && site_location_id[row] !== filters.site) continue;
      if (team_id && team_id[row] !== filters.team) continue;
      if (time) {
        const month = time[row].slice(0, 7);
        if (month < filters.from || month > filters.to) continue;
      }
      found.push(row);
    }
    return found;
  },

  // The last day or week that the chart has up to the end of the period, for every filter the same.
  lastTime(chart, filters) {
    let last = null;
    for (const time of chart.columns[chart.time]) {
      const month = time.slice(0, 7);
      if (month >= filters.from && month <= filters.to && (last === null || time > last)) last = time;
    }
    return last;
  },

  // One figure per summed column, difference and quotient, over these rows.
  summed(chart, rows) {
    const result = {};
    for (const name of chart.sum) {
      const column = chart.columns[name];
      let sum = 0;
      let known = rows.length === 0;
      for (const row of rows) {
        if (column[row] !== null) {
          sum += column[row];
          known = true;
        }
      }
      result[name] = known ? sum : null;
    }
    for (const [name, [whole, part]] of Object.entries(chart.differences || {})) {
      result[name] = result[whole] === null || result[part] === null ? null : result[whole] - result[part];
    }
    for (const [name, { numerator, denominator }] of Object.entries(chart.quotients || {})) {
      const known = result[numerator] !== null && result[denominator];
      result[name] = known ? result[numerator] / result[denominator] : null;
    }
    return result;
  },

  // Rows with the same values in the columns `group`, each with its figures.
  grouped(chart, rows, group) {
    const groups = new Map();
    for (const row of rows) {
      const key = group.map((name) => chart.columns[name][row]).join("\u0000");
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(row);
    }
    return [...groups.values()].map((members) => {
      const result = {};
      for (const name of group) result[name] = chart.columns[name][members[0]];
      return Object.assign(result, figures.summed(chart, members));
    });
  },

  // The key columns of the most important members; all other rows get the key OTHERS.
  topped(chart, rows) {
    const { by, keep } = chart.top;
    const key = chart.group[0];
    const members = figures.grouped(chart, rows, [key]).filter((one) => one[key] !== OTHERS && one[by] > 0);
    members.sort((one, other) => other[by] - one[by] || (one[key] < other[key] ? -1 : 1));
    const places = new Map(members.slice(0, keep).map((one, place) => [one[key], place + 1]));
    const column = chart.columns[key].slice();
    for (const row of rows) if (!places.has(column[row])) column[row] = OTHERS;
    return { chart: { ...chart, columns: { ...chart.columns, [key]: column } }, places };
  },

  // The rows to draw, or with `forTable` those of the table.
  drawn(chart, filters, forTable = false) {
    const rows = figures.chosen(chart, filters);
    if (chart.list) return figures.listed(chart, rows);
    let source = chart;
    let places = null;
    if (chart.top) ({ chart: source, places } = figures.topped(chart, rows));
    const group = (forTable && chart.table) || chart.group;
    const result = figures.grouped(source, rows, group);
    if (places) {
      const key = chart.group[0];
      for (const one of result) {
        one.is_others = one[key] === OTHERS;
        one.place = places.get(one[key]) || places.size + 1;
        one[`${key}_name`] = one.is_others ? chart.top.others : one[key].slice(one[key].indexOf("|") + 1);
      }
    }
    return figures.sorted(chart, result, group, forTable);
  },

  sorted(chart, rows, group, forTable) {
    const orders = group.map((name) => (chart.columns_shown[name] || {}).order || null);
    const newestFirst = forTable && chart.time;
    return rows.sort((one, other) => {
      if (one.place !== other.place) return one.place - other.place;
      for (const [at, name] of group.entries()) {
        let [a, b] = [one[name], other[name]];
        if (orders[at]) [a, b] = [orders[at].indexOf(a), orders[at].indexOf(b)];
        if (a !== b) return (a < b ? -1 : 1) * (name === newestFirst ? -1 : 1);
      }
      return 0;
    });
  },

  // Single records, ranked. `total` is how many there are in the warehouse.
  listed(chart, rows) {
    const { columns } = chart;
    const { sort } = chart.list;
    const totals = new Map();
    for (const row of rows) {
      const group = [columns.organization_id, columns.site_location_id, columns.team_id]
        .map((column) => (column ? column[row] : ""))
        .join(" ");
      totals.set(group, columns.rows_in_all[row]);
    }
    const value = (row) => (columns[sort][row] === null ? -Infinity : columns[sort][row]);
    const result = rows
      .slice()
      .sort((one, other) => value(other) - value(one) || one - other)
      .map((row, place) => {
        const record = { place: place + 1 };
        for (const name of Object.keys(columns)) record[name] = columns[name][row];
        if (record.asset) record.asset_name = record.asset.slice(record.asset.indexOf("|") + 1);
        return record;
      });
    result.total = [...totals.values()].reduce((sum, one) => sum + one, 0);
    return result;
  },

  // The figures of the whole period; of a stock, those of its last day or week.
  total(chart, filters) {
    let rows = figures.chosen(chart, filters);
    if (chart.stock) {
      const last = figures.lastTime(chart, filters);
      rows = rows.filter((row) => chart.columns[chart.time][row] === last);
    }
    return figures.summed(chart, rows);
  },

  // The same, by the values of a column, such as the currency.
  totals(chart, filters, by) {
    if (!by) return [figures.total(chart, filters)];
    return figures.grouped(chart, figures.chosen(chart, filters), [by]).sort((one, other) => (one[by] < other[by] ? -1 : 1));
  },

  // The period of the same length before, or null where the page does not hold all of it.
  periodBefore(filters, firstMonth) {
    const number = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
    const text = (count) => `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`;
    const months = number(filters.to) - number(filters.from) + 1;
    const from = text(number(filters.from) - months);
    if (from < firstMonth) return null;
    return { ...filters, from, to: text(number(filters.from) - 1) };
  },
};
