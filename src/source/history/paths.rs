//! All paths at which objects ever stood: from the trees of commits down to what was found.
//!
//! Rules and entries of a config that ask for a path are about a file wherever it stands, and one content may have stood
//! at several places. Only trees that lead to something found are followed, and each at a path once.

use super::links::Links;
use super::objects::Number;
use bstr::BString;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Folders in each other that are followed; a damaged tree may claim to lie in itself.
const DEEPEST: usize = 1000;

/// A folder's or file's path: that of the folder around it, and a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Step {
    around: usize,
    name: u32,
}

/// The paths that were met, each with a number; 0 is the top.
#[derive(Default)]
struct Known {
    steps: Vec<Step>,
    numbers: HashMap<Step, usize>,
    depths: Vec<usize>,
}

impl Known {
    fn number(&mut self, step: Step) -> usize {
        let next = self.steps.len() + 1;
        let number = *self.numbers.entry(step).or_insert(next);
        if number == next {
            self.steps.push(step);
            self.depths.push(self.depth(step.around) + 1);
        }
        number
    }

    fn depth(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |at| self.depths[at])
    }

    fn path(&self, mut number: usize, names: &[BString]) -> BString {
        let mut parts: Vec<&[u8]> = Vec::new();
        while let Some(step) = number.checked_sub(1).map(|at| self.steps[at]) {
            parts.push(&names[step.name as usize]);
            number = step.around;
        }
        parts.reverse();
        parts.join(&b'/').into()
    }
}

/// The paths of each of `found` in the trees of all commits.
pub(super) fn all(links: &Links, found: &HashSet<Number>, objects: usize) -> HashMap<Number, BTreeSet<BString>> {
    let mut leads = vec![0_u64; objects];
    for &number in found {
        leads[number as usize] = 1;
    }
    links.spread(&mut leads);
    let mut entries: HashMap<Number, std::ops::Range<usize>> = HashMap::new();
    for (tree, held) in links.trees().filter(|(tree, _)| leads[*tree as usize] == 1) {
        entries.insert(*tree, held.clone());
    }
    let mut known = Known::default();
    let mut waiting: Vec<(Number, usize)> = links.commits.iter().filter_map(|commit| Some((commit.tree?, 0))).collect();
    waiting.sort_unstable();
    waiting.dedup();
    let mut met: HashSet<(Number, usize)> = HashSet::new();
    let mut places: HashMap<Number, BTreeSet<usize>> = HashMap::new();
    while let Some((tree, around)) = waiting.pop() {
        if known.depth(around) > DEEPEST || !met.insert((tree, around)) {
            continue;
        }
        let Some(held) = entries.get(&tree) else { continue };
        for (number, name) in links.named(held.clone()) {
            if leads[number as usize] == 0 {
                continue;
            }
            let path = known.number(Step { around, name });
            if found.contains(&number) {
                places.entry(number).or_default().insert(path);
            }
            waiting.push((number, path));
        }
    }
    let paths = |numbers: BTreeSet<usize>| numbers.into_iter().map(|path| known.path(path, links.names())).collect();
    places.into_iter().map(|(number, numbers)| (number, paths(numbers))).collect()
}
