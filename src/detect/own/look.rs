//! The matches of own rules in a text that is seen stretch by stretch.
//!
//! Around keywords: of the hits of a rule, in order, those whose surroundings touch are taken together. A match that
//! begins behind the last of them belongs to a later one; whatever begins before it ends within the rule's reach. So
//! it comes to the same as if the expression ran over the whole text, however that is cut.

use super::{Group, OwnRules, Prepared, Scope};
use crate::detect::Stretch;
use crate::rules::OwnRule;
use regex_automata::Input;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

/// A match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose.
    pub rule: OwnRule,
    /// All of it.
    pub matched: Range<usize>,
    /// The value.
    pub value: Range<usize>,
}

/// How far the rules have come in a text.
#[derive(Debug, Default)]
pub struct Progress {
    /// By rule, where its last match ends.
    ends: BTreeMap<usize, usize>,
    /// The rules that want all of the text, and whose keywords have been seen.
    called: Vec<usize>,
}

/// Where the words of each rule stand in a stretch.
#[derive(Default)]
struct Calls {
    /// By rule.
    places: Vec<Vec<Range<usize>>>,
    /// The rules that have some.
    rules: Vec<usize>,
}

thread_local! {
    static CALLS: RefCell<Calls> = RefCell::default();
}

impl OwnRules {
    /// The matches around the keywords that a stretch accepts; offsets are those of the stretch.
    pub fn look(&self, stretch: &Stretch<'_>, progress: &mut Progress) -> Vec<Seen> {
        let mut seen = Vec::new();
        if self.words.is_empty() {
            return seen;
        }
        CALLS.with_borrow_mut(|calls| {
            self.listen(stretch, calls);
            calls.rules.sort_unstable();
            for number in calls.rules.drain(..) {
                let places = &mut calls.places[number];
                let rule = &self.rules[number];
                match rule.scope {
                    Scope::Window(reach) => rule.around(number, reach, places, stretch, progress, &mut seen),
                    Scope::TextWithKeyword if !progress.called.contains(&number) => progress.called.push(number),
                    Scope::TextWithKeyword | Scope::Text => {}
                }
                places.clear();
            }
        });
        seen
    }

    /// The matches of the rules that want all of a text, once it was seen.
    #[must_use]
    pub fn look_at_all(&self, text: &[u8], progress: &Progress) -> Vec<Seen> {
        let mut rules: Vec<usize> = self.everywhere.iter().chain(&progress.called).copied().collect();
        rules.sort_unstable();
        let mut seen = Vec::new();
        for number in rules {
            self.rules[number].within(text, 0..text.len(), text.len(), &mut seen);
        }
        seen
    }

    /// Are there rules that want all of this text?
    #[must_use]
    pub fn want_all(&self, progress: &Progress) -> bool {
        !self.everywhere.is_empty() || !progress.called.is_empty()
    }

    fn listen(&self, stretch: &Stretch<'_>, calls: &mut Calls) {
        calls.places.resize_with(self.rules.len().max(calls.places.len()), Vec::new);
        let accept = &stretch.accept;
        let end = stretch.bytes.len().min(accept.end + self.longest_word().saturating_sub(1));
        let keywords = self.keywords();
        for found in keywords.find_overlapping_iter(aho_corasick::Input::new(stretch.bytes).range(accept.start..end)) {
            if found.start() >= accept.end {
                continue;
            }
            for &number in &self.words[found.pattern().as_usize()].1 {
                let places = &mut calls.places[number];
                if places.is_empty() {
                    calls.rules.push(number);
                }
                // One is enough where all of the text is wanted.
                if places.is_empty() || matches!(self.rules[number].scope, Scope::Window(_)) {
                    places.push(found.range());
                }
            }
        }
    }
}

impl Prepared {
    fn around(
        &self,
        number: usize,
        reach: usize,
        places: &mut [Range<usize>],
        stretch: &Stretch<'_>,
        progress: &mut Progress,
        seen: &mut Vec<Seen>,
    ) {
        places.sort_unstable_by_key(|place| place.start);
        let mut from = progress.ends.get(&number).map_or(0, |end| end.saturating_sub(stretch.base));
        let mut rest = &places[..];
        while !rest.is_empty() {
            let near = rest.windows(2).take_while(|pair| pair[1].end.saturating_sub(reach) <= pair[0].start + reach);
            let (group, others) = rest.split_at(near.count() + 1);
            rest = others;
            let (first, last) = (group.iter().map(|place| place.end).min(), group.last().map(|place| place.start));
            let (Some(first), Some(last)) = (first, last) else { break };
            let start = from.max(first.saturating_sub(reach));
            let end = stretch.bytes.len().min(last + reach);
            if let Some(end) = self.within(stretch.bytes, start..end, last + 1, seen) {
                from = end;
                progress.ends.insert(number, stretch.base + end);
            }
        }
    }

    /// Adds the matches in `range` of a text that begin before `limit`; returns where the last one ends, be it random
    /// or not.
    fn within(&self, text: &[u8], range: Range<usize>, limit: usize, seen: &mut Vec<Seen>) -> Option<usize> {
        let regex = self.compiled();
        let (mut from, mut last) = (range.start, None);
        while from < range.end {
            let Some(found) = regex.search(&Input::new(text).span(from..range.end)) else { break };
            if found.start() >= limit {
                break;
            }
            let value = self.value(text, found.range());
            if self.is_random(&text[value.clone()]) {
                seen.push(Seen { rule: self.definition.rule, matched: found.range(), value });
            }
            from = found.end();
            last = Some(from);
        }
        last
    }

    /// The value in a match.
    fn value(&self, text: &[u8], matched: Range<usize>) -> Range<usize> {
        let regex = self.compiled();
        if self.definition.group == Group::Number(0) || regex.captures_len() == 1 {
            return matched;
        }
        let mut groups = regex.create_captures();
        // The same match again, now with its groups.
        regex.search_captures(&Input::new(text).span(matched.clone()), &mut groups);
        let group =
            |number: usize| groups.get_group(number).map(|span| span.start..span.end).filter(|span| !span.is_empty());
        let value = match self.definition.group {
            Group::First => (1..regex.captures_len()).find_map(group),
            Group::Number(number) => group(number),
        };
        value.unwrap_or(matched)
    }
}
