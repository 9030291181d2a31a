//! Rules of somebody's own: an expression, the words that must stand in the text, and how random the value is.
//!
//! They look at texts as these are written, in UTF-16 too, and into no encoding. Texts are passed over once for the
//! keywords of all rules, and an expression is compiled when the first of its keywords turns up: whoever has no rules
//! pays nothing, and five hundred that stand in no text cost one more pass.

mod look;
mod scope;

pub use look::{Progress, Seen};
pub use scope::Scope;

use crate::detect::randomness::entropy;
use crate::pattern::{Mistake, Pattern, parse};
use crate::rules::OwnRule;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_automata::meta;
use std::sync::OnceLock;

/// What a rule looks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The rule.
    pub rule: OwnRule,
    /// Its expression.
    pub regex: String,
    /// Words of which one must stand in the text, whatever its case; none means every text.
    pub keywords: Vec<String>,
    /// The entropy in bits per character that a value must exceed.
    pub entropy: Option<f64>,
    /// Which part of a match is the value.
    pub group: Group,
    /// The paths at which the rule counts; none means everywhere.
    pub paths: Vec<Pattern>,
    /// How many examples and near misses it was tried on, all of which came out as they must.
    pub tried: (usize, usize),
}

/// Which part of a match is the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Group {
    /// The first group that holds something, or all where there is none.
    #[default]
    First,
    /// That of a number; 0 is all of the match.
    Number(usize),
}

/// States that an expression may have; each takes some fifty bytes, and more once it runs.
const HEAVIEST: u64 = 200_000;

/// Rules, ready to be looked for.
#[derive(Debug, Default)]
pub struct OwnRules {
    rules: Vec<Prepared>,
    /// The words of all rules, compiled once a text is to be looked at, and which rules each belongs to.
    keywords: OnceLock<AhoCorasick>,
    words: Vec<(String, Vec<usize>)>,
    /// The rules that are looked for in every text.
    everywhere: Vec<usize>,
}

/// A rule, ready to be looked for.
#[derive(Debug)]
struct Prepared {
    definition: Definition,
    unicode: bool,
    scope: Scope,
    compiled: OnceLock<meta::Regex>,
}

impl PartialEq for OwnRules {
    fn eq(&self, other: &Self) -> bool {
        self.definitions().eq(other.definitions())
    }
}

impl Eq for OwnRules {}

/// What is wrong with the expression of a rule: nothing, or the mistake.
///
/// # Errors
/// The mistake, with its place.
pub fn examine(regex: &str, group: Group) -> Result<(), Mistake> {
    let (hir, _) = parse(regex)?;
    let whole = |what: &str, hint| Mistake { what: what.to_owned(), at: 0..regex.len(), hint };
    if hir.properties().minimum_len() == Some(0) {
        return Err(whole(
            "matches nothing at all, so it would match everywhere",
            Some("+ instead of *, and no ? alone"),
        ));
    }
    if weight(&hir) > HEAVIEST {
        return Err(whole("is too large", Some("repeat less: {0,1000} takes a thousand copies")));
    }
    let groups = hir.properties().explicit_captures_len();
    match group {
        Group::Number(number) if number > groups => {
            Err(whole("has no group of that number", Some("groups are counted from 1, by their opening parenthesis")))
        }
        _ => Ok(()),
    }
}

/// States that an expression has, counted high.
fn weight(hir: &regex_syntax::hir::Hir) -> u64 {
    use regex_syntax::hir::{Class, HirKind};
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Unicode(class)) => 1 + class.ranges().len() as u64,
        HirKind::Capture(capture) => 2 + weight(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(1, |sum: u64, part| sum.saturating_add(weight(part)))
        }
        HirKind::Repetition(repeated) => {
            let copies = repeated.max.unwrap_or(repeated.min + 1).max(1);
            weight(&repeated.sub).saturating_mul(u64::from(copies)).saturating_add(1)
        }
    }
}

impl OwnRules {
    /// The rules of these definitions, whose expressions are sound ([`examine`]).
    ///
    /// # Panics
    /// Where one is not.
    #[must_use]
    pub fn new(definitions: Vec<Definition>) -> Self {
        let mut own = Self::default();
        for mut definition in definitions {
            for keyword in &mut definition.keywords {
                keyword.make_ascii_lowercase();
            }
            let (hir, unicode) = parse(&definition.regex).expect("the expression was examined");
            let scope = Scope::of(&hir, &definition.keywords);
            let number = own.rules.len();
            for keyword in &definition.keywords {
                match own.words.iter_mut().find(|(word, _)| word == keyword) {
                    Some((_, rules)) => rules.push(number),
                    None => own.words.push((keyword.clone(), vec![number])),
                }
            }
            if scope == Scope::Text {
                own.everywhere.push(number);
            }
            own.rules.push(Prepared { definition, unicode, scope, compiled: OnceLock::new() });
        }
        own
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The definitions, in their order.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        self.rules.iter().map(|rule| &rule.definition)
    }

    /// The definitions with where their matches can be.
    pub fn scopes(&self) -> impl Iterator<Item = (&Definition, Scope)> {
        self.rules.iter().map(|rule| (&rule.definition, rule.scope))
    }

    /// Must a text be held whole for some of them?
    #[must_use]
    pub fn need_whole_texts(&self) -> bool {
        self.rules.iter().any(|rule| !matches!(rule.scope, Scope::Window(_)))
    }

    /// The definition of a rule.
    #[must_use]
    pub fn definition(&self, rule: OwnRule) -> Option<&Definition> {
        self.definitions().find(|definition| definition.rule == rule)
    }

    fn keywords(&self) -> &AhoCorasick {
        self.keywords.get_or_init(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .kind(Some(AhoCorasickKind::DFA))
                .build(self.words.iter().map(|(word, _)| word))
                .or_else(|_| {
                    // So many words that a table of them would not fit: slower, and the same.
                    AhoCorasick::builder()
                        .ascii_case_insensitive(true)
                        .match_kind(MatchKind::Standard)
                        .build(self.words.iter().map(|(word, _)| word))
                })
                .expect("the words of a config of limited size fit an automaton")
        })
    }

    fn longest_word(&self) -> usize {
        self.words.iter().map(|(word, _)| word.len()).max().unwrap_or_default()
    }
}

impl Prepared {
    fn compiled(&self) -> &meta::Regex {
        self.compiled.get_or_init(|| {
            let syntax = regex_automata::util::syntax::Config::new().unicode(self.unicode).utf8(false);
            let config = meta::Config::new().utf8_empty(false).nfa_size_limit(None).onepass_size_limit(Some(1 << 20));
            meta::Builder::new()
                .syntax(syntax)
                .configure(config)
                .build(&self.definition.regex)
                .expect("the expression was examined, and no limit of size is set")
        })
    }

    /// Is the value as random as the rule asks?
    fn is_random(&self, value: &[u8]) -> bool {
        self.definition.entropy.is_none_or(|least| entropy(value) > least)
    }
}
