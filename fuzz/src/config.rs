//! Any config: reading it never panics, what is wrong with it is told within its bounds, the same bytes say the same
//! twice, and what can be followed can be used.

use keyward::allow::Day;
use keyward::config::file::read;
use keyward::config::problem::Grade;
use keyward::detect::Wanted;
use keyward::examine::Examiner;
use keyward::prefilter::Prefilter;

/// Holds that for `data`.
///
/// # Panics
/// Where it does not.
pub fn hold(data: &[u8]) {
    let today = Day::parse("2026-11-24").expect("a day of the calendar");
    let config = read(data, ".keyward.toml", today);
    for problem in &config.problems {
        assert!(problem.at.start <= data.len() && problem.at.start <= problem.at.end);
    }
    for grade in [Grade::Error, Grade::Warning] {
        let told = config.told(grade);
        assert_eq!(told, read(data, ".keyward.toml", today).told(grade));
        assert!(!told.chars().any(|letter| letter.is_control() && letter != '\n'));
    }
    if let Ok(policy) = config.policy() {
        let _ = policy.excludes(b"src/main.rs");
        let mut examiner = Examiner::default();
        examiner.want(&Wanted { own: policy.own_rules(), ..Wanted::default() });
        examiner.examine(&Prefilter::new(), &mut &data[..]).expect("a slice is always readable");
    }
}
