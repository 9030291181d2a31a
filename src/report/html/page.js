'use strict';
// Ties the controls and the keyboard to the table.

const findings = new Findings(document);
const table = new Table(document.getElementById('findings'), findings);
const [filter, group, suppressed, count, pages] = ['filter', 'group', 'suppressed', 'count', 'pages']
  .map((id) => document.getElementById(id));
const sorting = { column: 'severity', down: true };
const folded = new Set();
table.isFolded = (item) => folded.has(item.name);
table.onPage = tellPage;

function update(active) {
  const view = findings.view({ query: filter.value, ...sorting, group: group.value, suppressed: suppressed.checked, folded });
  table.show(view.items, active);
  const eligible = findings.count - (suppressed.checked ? 0 : findings.suppressedCount);
  const of = view.count === eligible ? '' : ` of ${COUNT.format(eligible)}`;
  count.textContent = view.count ? `Showing ${COUNT.format(view.count)}${of}` : 'Nothing matches';
  tellPage();
}

function tellPage() {
  pages.hidden = table.pageCount === 1;
  const last = Math.min(table.start + PAGE_SIZE, table.items.length);
  pages.querySelector('span').textContent =
    `lines ${COUNT.format(table.start + 1)} to ${COUNT.format(last)} of ${COUNT.format(table.items.length)}`;
  document.getElementById('previous').disabled = table.page === 0;
  document.getElementById('next').disabled = table.page + 1 === table.pageCount;
}

table.onFold = (item, fold) => {
  if (fold) folded.add(item.name); else folded.delete(item.name);
  update(table.items.indexOf(item));
  table.focus(table.active);
};

function sortBy(column) {
  // The gravest and the newest first, the rest by the alphabet.
  sorting.down = sorting.column === column ? !sorting.down : column === 'severity' || column === 'commit';
  sorting.column = column;
  tellSorting();
  update();
}

function tellSorting() {
  for (const head of table.table.tHead.querySelectorAll('th')) {
    const direction = sorting.down ? 'descending' : 'ascending';
    head.setAttribute('aria-sort', head.dataset.column === sorting.column ? direction : 'none');
  }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === filter) {
    if (event.key === 'Escape') {
      filter.value = '';
      update();
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      table.focus(table.active);
    } else {
      return;
    }
  } else if (event.key === '/' && !event.target.matches('select')) {
    filter.focus();
    filter.select();
  } else if (isTheirs(event) || !moves(event)) {
    return;
  }
  event.preventDefault();
}

// Is this a key of the control that has the focus?
function isTheirs({ target, key }) {
  return target.matches('select') || (target.matches('button, input') && (key === 'Enter' || key === ' '));
}

// The line that an element belongs to, with what unfolds below it; nothing outside the table.
function lineOf(element) {
  const line = element.closest('tbody tr');
  return line && line.matches('.details') ? line.previousElementSibling : line;
}

// Keys of the table; does this one mean anything?
function moves(event) {
  const line = lineOf(event.target);
  const at = table.active;
  switch (event.key) {
    case 'j': case 'ArrowDown': table.focus(line ? at + 1 : at); return true;
    case 'k': case 'ArrowUp': table.focus(line ? at - 1 : at); return true;
    case 'PageDown': table.turn(1); return true;
    case 'PageUp': table.turn(-1); return true;
    case 'Escape': filter.value = ''; update(); table.focus(0); return true;
    default: return line !== null && movesOnLine(event.key, at);
  }
}

function movesOnLine(key, at) {
  switch (key) {
    case 'Enter': case ' ': table.toggle(at); return true;
    case 'ArrowRight': table.toggle(at, true); return true;
    case 'ArrowLeft': table.focus(at); table.retreat(at); return true;
    case 'Home': table.focus(table.start); return true;
    case 'End': table.focus(Math.min(table.start + PAGE_SIZE, table.items.length) - 1); return true;
    default: return false;
  }
}

function onClick(event) {
  const line = event.target.closest('tr[data-at]');
  // Whoever selects text means the text.
  if (!line || !getSelection().isCollapsed) return;
  table.focus(Number(line.dataset.at));
  table.toggle(table.active);
}

function fillIn(words) {
  filter.value = words;
  update();
  filter.focus();
}

function setUpTheme() {
  const button = document.getElementById('theme');
  const isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  };
  const tell = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  button.addEventListener('click', () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    tell();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);
  tell();
  button.hidden = false;
}

function setUpTable() {
  for (const id of ['controls', 'count', 'findings', 'keys']) document.getElementById(id).hidden = false;
  if (!findings.hasCommits) {
    table.table.querySelector('th[data-column=commit]').remove();
    group.querySelector('option[value=commit]').remove();
  }
  if (findings.suppressedCount) {
    const label = document.getElementById('show-suppressed');
    label.querySelector('span').textContent = `Show ${COUNT.format(findings.suppressedCount)} accepted or not new`;
    label.hidden = false;
  }
  filter.addEventListener('input', () => update());
  group.addEventListener('change', () => update());
  suppressed.addEventListener('change', () => update());
  table.table.tHead.addEventListener('click', (event) => {
    const head = event.target.closest('th');
    if (head) sortBy(head.dataset.column);
  });
  table.body.addEventListener('click', onClick);
  table.body.addEventListener('focusin', (event) => {
    table.active = Number(lineOf(event.target).dataset.at);
    table.mark();
  });
  document.getElementById('previous').addEventListener('click', () => table.turn(-1));
  document.getElementById('next').addEventListener('click', () => table.turn(1));
  document.addEventListener('keydown', onKey);
  // Paper has no pages to turn.
  addEventListener('beforeprint', () => table.render(0, PRINTED));
  addEventListener('afterprint', () => table.render(Math.floor(table.active / PAGE_SIZE)));
  tellSorting();
  update();
}

setUpTheme();
for (const button of document.querySelectorAll('[data-filter]')) {
  button.addEventListener('click', () => fillIn(button.dataset.filter));
}
if (findings.count) setUpTable();
