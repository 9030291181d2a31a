'use strict';
// What unfolds below a row: its lines, where it comes from, and what to do next.

function unfolded(findings, row) {
  const details = findings.details(row);
  return element(
    'div',
    { class: 'unfolded' },
    lines(details, findings.path[row]),
    facts(findings, row, details),
    element('h2', {}, 'Next'),
    element('ol', {}, ...nextSteps(findings, row, details).map(([text, line]) => (
      element('li', {}, text, line ? command(line) : null)
    ))),
  );
}

function lines(details, path) {
  const block = element('pre', { class: 'lines' });
  let shown = path;
  for (const place of details.places) {
    const here = place.path || path;
    if (here !== shown) block.append(element('span', { class: 'faint' }, `      | in ${here}\n`));
    shown = here;
    block.append(
      element('span', { class: 'faint' }, `${String(place.line).padStart(5)} | `),
      place.before,
      element('mark', {}, place.value),
      '\n',
    );
  }
  if (details.more_places) {
    block.append(element('span', { class: 'faint' }, `      | and at ${counted(details.more_places, 'more place')}\n`));
  }
  return block;
}

function facts(findings, row, details) {
  const { id } = findings.rules[findings.rule[row]];
  const all = [
    ['What', details.what],
    ['Inside', (details.inside || []).join(', ')],
    ['Secret', details.secret],
    ['Brought by', findings.commit[row] && `${findings.commit[row]}  ${findings.date[row]}`],
    ['Author', findings.author[row]],
    ['Title', findings.title[row]],
    ['Still in', details.reach],
    ['Blob', details.blob],
    ['Suppressed', SUPPRESSED[findings.suppressed[row]]],
    ['Reason', details.reason],
    ['Marker', details.marker],
    ['Rule', `${id}, ${details.confidence} confidence`],
    ['Fingerprint', details.fingerprint],
  ];
  const list = element('dl');
  for (const [name, value] of all) {
    if (value) list.append(element('dt', {}, name), element('dd', {}, value));
  }
  return list;
}

// What to do, in order: a sentence, and a command where there is one.
function nextSteps(findings, row, details) {
  if (details.canary) return [[`A canary of ${details.canary}: bait, and whoever uses it raises an alarm.`]];
  if (findings.suppressed[row] === 'marker') {
    return [['Somebody accepted it, with a marker beside it. To see all findings as if there were none:', 'keyward scan --no-markers']];
  }
  if (findings.suppressed[row] === 'baseline') {
    return [['Somebody accepted it, with a line of .keyward-baseline. To see all findings as if there were none:', 'keyward scan --no-baseline']];
  }
  const steps = switchingOff(findings.rules[findings.rule[row]].id, findings.key[row]);
  if (details.source === 'history') {
    if (findings.commit[row]) steps.push(['Look at the commit that brought it:', `git show ${findings.commit[row]}`]);
    steps.push(['Rewriting history (git filter-repo) comes last: forks, clones and caches keep it.']);
  } else if (details.staged) {
    const out = ['Edit it out and add the file again, or leave the file out of the commit:', `git reset -- ${details.staged}`];
    // What is only staged did not leave this machine.
    if (findings.suppressed[row]) steps.push(out); else steps.unshift(out);
  } else {
    steps.push(['Take it out, and read it from the environment, a profile (aws sso login) or a role instead.']);
  }
  steps.push(['Not a secret, or a known one? Accept it where it stands, in a comment, with a reason:', 'keyward:allow REASON']);
  return steps;
}

function switchingOff(rule, key) {
  const after = ['Look in CloudTrail for what it did, and give what used it a role or a profile.'];
  const off = (id) => `aws iam update-access-key --status Inactive --access-key-id ${id} --user-name USER`;
  if (key.startsWith('ASIA')) return [['Temporary credentials: they expire by themselves.'], after];
  if (rule === 'aws-access-key') {
    return [['If it was pushed or shared, switch it off first: whoever has a copy has it.', off(key)], after];
  }
  if (rule === 'aws-access-key-id' && key.startsWith('AKIA')) {
    return [['A key ID alone opens nothing. If its secret may have leaked too, switch it off:', off(key)]];
  }
  if (rule === 'aws-secret-access-key') {
    return [['Find out which key it belongs to; if it was pushed or shared, switch that off:', off('KEYID')], after];
  }
  return [['If it was pushed or shared, revoke it where it was issued. What it is, and where that is documented:', `keyward rules show ${rule}`]];
}
