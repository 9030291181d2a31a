'use strict';
// The only way in which anything comes onto the page: as an element of ours, or as text.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const COUNT = new Intl.NumberFormat('en-US');

function counted(count, one) {
  return `${COUNT.format(count)} ${one}${count === 1 ? '' : 's'}`;
}

function severityBadge(severity) {
  const name = SEVERITIES[severity];
  return element('span', { class: `severity ${name}` }, name);
}

// A command with a button that copies it.
function command(text) {
  const code = element('code', {}, text);
  const button = element('button', { type: 'button', class: 'copy', 'aria-label': `Copy: ${text}` }, 'Copy');
  button.addEventListener('click', () => copy(text, code, button));
  return element('span', { class: 'command' }, code, button);
}

async function copy(text, code, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    // Where a browser forbids it, the text is at least selected.
    getSelection().selectAllChildren(code);
    button.textContent = 'Ctrl+C';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}
