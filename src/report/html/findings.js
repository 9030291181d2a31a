'use strict';
// The findings in columns, and which of them are shown in which order. Knows nothing of the page but the blocks of data.

const SEVERITIES = ['low', 'medium', 'high', 'critical'];
const SUPPRESSED = {
  'already-there': 'not new: the changed files held it before',
  'already-pushed': 'not new: a remote has it already',
  marker: 'accepted by a marker in the file',
  baseline: 'accepted in .keyward-baseline',
};

class Findings {
  constructor(root) {
    this.rules = JSON.parse(root.querySelector('script.rules').textContent);
    for (const name of ['severity', 'rule', 'key', 'account', 'path', 'line', 'commit', 'date', 'author', 'title', 'suppressed']) {
      this[name] = [];
    }
    for (const block of root.querySelectorAll('script.rows')) {
      for (const [name, values] of Object.entries(JSON.parse(block.textContent))) {
        this[name].push(...values);
      }
      block.remove();
    }
    this.detailBlocks = [...root.querySelectorAll('script.details')];
    this.chunkSize = this.detailBlocks.length && JSON.parse(this.detailBlocks[0].textContent).length;
    this.count = this.severity.length;
    this.suppressedCount = this.suppressed.filter(Boolean).length;
    this.hasCommits = this.commit.some(Boolean);
    // What the filter looks at, in lower case.
    this.texts = this.severity.map((_, row) => this.text(row).toLowerCase());
    this.orders = new Map();
  }

  text(row) {
    const { id, title } = this.rules[this.rule[row]];
    return [
      SEVERITIES[this.severity[row]], title, id, this.key[row], this.account[row], this.place(row), this.commit[row],
      this.date[row], this.author[row], this.title[row], SUPPRESSED[this.suppressed[row]] || '',
    ].join('\n');
  }

  place(row) {
    return `${this.path[row]}:${this.line[row]}`;
  }

  // What unfolds; its block is understood only now.
  details(row) {
    const block = this.detailBlocks[Math.floor(row / this.chunkSize)];
    return JSON.parse(block.textContent)[row % this.chunkSize];
  }

  // All rows, sorted; what has no value comes last either way.
  order(column, down) {
    const name = `${column} ${down}`;
    if (!this.orders.has(name)) {
      const keys = this.sortKeys(column);
      const sign = down ? -1 : 1;
      const compare = (a, b) => {
        const [x, y] = [keys[a], keys[b]];
        if (x === y) return a - b;
        if (x === '' || y === '') return x === '' ? 1 : -1;
        return x < y ? -sign : sign;
      };
      this.orders.set(name, Array.from(keys, (_, row) => row).sort(compare));
    }
    return this.orders.get(name);
  }

  sortKeys(column) {
    switch (column) {
      case 'rule': return this.rule.map((rule) => this.rules[rule].title);
      // They come by path and place.
      case 'place': return this.path.map((_, row) => row);
      case 'commit': return this.date.map((date) => (date ? Date.parse(date) : ''));
      default: return this[column];
    }
  }

  groupOf(row, by) {
    switch (by) {
      case 'account': return this.account[row] ? `Account ${this.account[row]}` : 'No account known';
      case 'file': return this.path[row];
      default: return this.commit[row] ? `${this.commitInShort(row)}  ${this.title[row]}` : 'No commit known';
    }
  }

  commitInShort(row) {
    return `${this.commit[row].slice(0, 8)}  ${this.date[row].slice(0, 10)}`;
  }

  // The lines of the table: numbers of rows and, where they are grouped, a header before each group.
  view({ query, column, down, group, suppressed, folded }) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = this.order(column, down).filter((row) => (
      (suppressed || !this.suppressed[row]) && words.every((word) => this.texts[row].includes(word))
    ));
    return { count: rows.length, items: group ? this.grouped(rows, group, folded) : rows };
  }

  grouped(rows, by, folded) {
    const groups = new Map();
    for (const row of rows) {
      const name = this.groupOf(row, by);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    }
    const items = [];
    for (const [name, members] of groups) {
      const gravest = members.reduce((most, row) => Math.max(most, this.severity[row]), 0);
      items.push({ name, count: members.length, gravest });
      if (!folded.has(name)) for (const row of members) items.push(row);
    }
    return items;
  }
}
