'use strict';
// The table: a page of lines at a time, so that a hundred thousand findings cost no more than a few hundred.

const PAGE_SIZE = 200;
const PRINTED = 2000;

class Table {
  constructor(table, findings) {
    this.table = table;
    this.body = table.tBodies[0];
    this.findings = findings;
    this.items = [];
    this.page = 0;
    this.active = 0;
    this.unfolded = new Set();
  }

  get pageCount() {
    return Math.max(1, Math.ceil(this.items.length / PAGE_SIZE));
  }

  show(items, active = 0) {
    this.items = items;
    this.active = Math.max(0, Math.min(active, items.length - 1));
    this.render(Math.floor(this.active / PAGE_SIZE));
  }

  render(page, size = PAGE_SIZE) {
    this.page = page;
    this.start = page * PAGE_SIZE;
    const lines = [];
    this.items.slice(this.start, this.start + size).forEach((item, at) => {
      lines.push(this.line(item, this.start + at));
      if (this.unfolded.has(item)) lines.push(this.detailsLine(item));
    });
    this.body.replaceChildren(...lines);
    this.table.setAttribute('aria-rowcount', this.items.length + 1);
    this.mark();
  }

  line(item, at) {
    const line = typeof item === 'number' ? this.findingLine(item) : this.groupLine(item);
    line.dataset.at = at;
    line.setAttribute('role', 'row');
    line.setAttribute('aria-rowindex', at + 2);
    line.tabIndex = -1;
    return line;
  }

  findingLine(row) {
    const all = this.findings;
    const commit = all.commit[row] ? all.commitInShort(row) : '';
    const cells = [
      severityBadge(all.severity[row]), all.rules[all.rule[row]].title, all.key[row] || '', all.account[row] || '', all.place(row),
    ];
    if (all.hasCommits) cells.push(commit);
    const line = element('tr', { class: 'finding', 'aria-level': 2, 'aria-expanded': this.unfolded.has(row) });
    cells.forEach((content, column) => {
      line.append(element('td', { role: 'gridcell', class: `c${column}` }, content));
    });
    if (all.suppressed[row]) {
      line.classList.add('suppressed');
      line.cells[1].append(' ', element('span', { class: 'faint' }, SUPPRESSED[all.suppressed[row]]));
    }
    return line;
  }

  groupLine(group) {
    const label = element('td', { role: 'gridcell', colspan: 6 },
      severityBadge(group.gravest), ' ', element('b', {}, group.name), ' ', element('span', { class: 'faint' }, counted(group.count, 'finding')));
    return element('tr', { class: 'group', 'aria-level': 1, 'aria-expanded': !this.isFolded(group) }, label);
  }

  detailsLine(row) {
    const cell = element('td', { role: 'gridcell', colspan: 6 }, unfolded(this.findings, row));
    return element('tr', { class: 'details', role: 'row', 'aria-level': 3 }, cell);
  }

  lineAt(at) {
    return this.body.querySelector(`tr[data-at="${at}"]`);
  }

  // One line can be reached with the tab key, the others from there.
  mark() {
    for (const line of this.body.querySelectorAll('tr[tabindex="0"]')) line.tabIndex = -1;
    const line = this.lineAt(this.active);
    if (line) line.tabIndex = 0;
    return line;
  }

  focus(at) {
    if (!this.items.length) return;
    this.active = Math.max(0, Math.min(at, this.items.length - 1));
    const page = Math.floor(this.active / PAGE_SIZE);
    if (page !== this.page) {
      this.render(page);
      this.onPage();
    }
    this.mark().focus();
  }

  turn(pages) {
    const page = Math.max(0, Math.min(this.page + pages, this.pageCount - 1));
    this.focus(page * PAGE_SIZE);
  }

  // Unfolds or folds a line; with a wish, only if it is not so already.
  toggle(at, wish) {
    const item = this.items[at];
    const line = this.lineAt(at);
    const isOpen = line.getAttribute('aria-expanded') === 'true';
    if (wish === isOpen) return;
    if (typeof item !== 'number') {
      this.onFold(item, isOpen);
    } else if (isOpen) {
      this.unfolded.delete(item);
      line.nextElementSibling.remove();
    } else {
      this.unfolded.add(item);
      line.after(this.detailsLine(item));
    }
    if (typeof item === 'number') line.setAttribute('aria-expanded', !isOpen);
  }

  // Folds the line, or goes to the group that it belongs to.
  retreat(at) {
    if (this.lineAt(at).getAttribute('aria-expanded') === 'true') {
      this.toggle(at, false);
      return;
    }
    let header = at;
    while (header > 0 && typeof this.items[header] === 'number') header -= 1;
    if (typeof this.items[header] !== 'number') this.focus(header);
  }
}
