//! The scanner alone: a build that cannot reach AWS says so, and scans.

use crate::support::{Folder, Key};

#[test]
fn a_build_without_aws_says_so() {
    let (here, key) = (Folder::new(), Key::new(990));
    here.write("a.env", key.env_file());
    let run = here.keyward(&["verify", "--scan", "."]);
    let said = "keyward: keyward verify is not in this build\n  caused by: it was built without the feature aws, and cannot \
                reach AWS\n  hint: cargo install keyward, without --no-default-features, brings it\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (2, "", said));
    assert_eq!(here.scan(&[]).found(), [format!("a.env:3 {}", key.id)]);
}
