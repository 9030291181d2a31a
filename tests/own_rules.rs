//! Rules of a config keep the laws: what they find is what their expressions find in the whole text, however it is cut.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use keyward::detect::Wanted;
use keyward::detect::own::{Definition, Group, OwnRules, Scope};
use keyward::examine::{Examiner, examine_known};
use keyward::prefilter::Prefilter;
use keyward::rules::{Confidence, OwnRule, Severity};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Expressions with their keywords: with a window, for all of a text with a keyword, for every text.
const RULES: [(&str, &[&str]); 9] = [
    (r"acme_[a-z0-9]{4,8}\b", &["acme_"]),
    (r"(?i)[\w.-]{0,20}?(?:key|token)[ :=]{1,3}([a-z0-9]{3,6})(?:[;\s]|$)", &["key", "token"]),
    (r"(?m)^key.{0,4}$", &["key"]),
    (r"\Akey", &["key"]),
    (r"key=\d\z", &["key"]),
    (r"(?-i)(?:keykey|key=)+x{0,3}", &["key"]),
    (r"token[a-z0-9]{3,}", &["token"]),
    (r"[0-9]{5}", &["acme"]),
    (r"BEGIN[^!]{3,}!", &[]),
];

fn rules() -> Arc<OwnRules> {
    let definition = |(at, (regex, keywords)): (usize, &(&str, &[&str]))| Definition {
        rule: OwnRule::new(&format!("rule-{at}"), "", Severity::High, Confidence::High),
        regex: (*regex).to_owned(),
        keywords: keywords.iter().map(|&keyword| keyword.to_owned()).collect(),
        entropy: None,
        group: Group::Number(0),
        paths: Vec::new(),
        tried: (0, 0),
    };
    Arc::new(OwnRules::new(RULES.iter().enumerate().map(definition).collect()))
}

/// What an expression finds in a whole text that holds a keyword, one match after the other.
fn expected(text: &str) -> BTreeSet<(String, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut found = BTreeSet::new();
    for (at, (regex, keywords)) in RULES.iter().enumerate() {
        if !keywords.is_empty() && !keywords.iter().any(|keyword| lower.contains(keyword)) {
            continue;
        }
        let regex = regex::bytes::RegexBuilder::new(regex).unicode(false).build().unwrap();
        found.extend(regex.find_iter(text.as_bytes()).map(|found| (format!("rule-{at}"), found.start())));
    }
    found
}

fn found(examined: &keyward::examine::Examined) -> BTreeSet<(String, usize)> {
    let own = examined.credentials.iter().filter(|credential| credential.rule().id().starts_with("rule-"));
    own.flat_map(|credential| {
        let rule = credential.rule().id().to_owned();
        credential.places().map(move |place| (rule.clone(), place.at)).collect::<Vec<_>>()
    })
    .collect()
}

/// Pieces of which texts are made that have much to find, and much that touches.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "acme_", "ACME_", "key", "KEY", "key=", "token", "TOKEN: ", "abc", "a1b2c3", "=", " ", "\n", ";", "x", "12345",
        "BEGIN", "!", "_", "\u{e9}", "0",
    ];
    proptest::collection::vec((proptest::sample::select(pieces.to_vec()), 1_usize..3), 0..60)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, times)| piece.repeat(times)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_find_what_their_expressions_find_in_the_whole_text(text in text()) {
        let wanted = Wanted { own: Some(rules()), ..Wanted::default() };
        let examined = examine_known(&Prefilter::new(), text.as_bytes(), &[], &wanted).unwrap();
        prop_assert_eq!(found(&examined), expected(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn and_through_a_window_of_any_size(start in text(), gap in 0_usize..60_000, middle in text(), end in text()) {
        let wanted = Wanted { own: Some(rules()), ..Wanted::default() };
        let filler = "some words of a text, over and over\n";
        let text = format!("{start}{}{middle}{}{end}", filler.repeat(2000) + &filler[..gap % filler.len()], " ".repeat(gap));
        let expected = expected(&text);
        for buffer in [0, 100_000, 1 << 20] {
            let mut examiner = Examiner::with_buffer(buffer);
            examiner.want(&wanted);
            let examined = examiner.examine(&Prefilter::new(), &mut text.as_bytes()).unwrap();
            prop_assert_eq!(&found(&examined), &expected, "a buffer of {}", buffer);
        }
    }
}

#[test]
fn the_rules_of_these_tests_have_every_scope() {
    let rules = rules();
    let scopes: Vec<bool> = rules.scopes().map(|(_, scope)| matches!(scope, Scope::Window(_))).collect();
    assert_eq!(scopes, [true, true, true, true, true, false, false, false, false]);
}
