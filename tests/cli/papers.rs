//! Help, completions and the manual.

use crate::support::Folder;

#[test]
fn every_command_has_help_with_examples_within_80_columns() {
    let here = Folder::new();
    for command in [
        &[][..],
        &["scan"],
        &["ci"],
        &["hook"],
        &["verify"],
        &["triage"],
        &["deactivate"],
        &["rules"],
        &["completions"],
        &["man"],
    ] {
        let run = here.keyward(&[command, &["--help"]].concat());
        assert_eq!(run.status, 0);
        assert!(run.out.contains("\nExamples:\n  "), "{command:?}: {}", run.out);
        let wide: Vec<_> = run.out.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{command:?}: {wide:?}");
    }
}

#[test]
fn bash_completes_commands_and_flags() {
    let here = Folder::new();
    let completions = here.keyward(&["completions", "bash"]);
    assert_eq!(completions.status, 0);
    here.write("keyward.bash", completions.out);
    let ask = "source ./keyward.bash; COMP_WORDS=(keyward hook in); COMP_CWORD=2; _keyward keyward in hook; \
               echo \"${COMPREPLY[*]}\"; COMP_WORDS=(keyward scan --no-m); _keyward keyward --no-m scan; \
               echo \"${COMPREPLY[*]}\"";
    let output = here.command("bash").args(["-c", ask]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "install\n--no-markers\n");
    for shell in ["zsh", "fish"] {
        let run = here.keyward(&["completions", shell]);
        assert!(run.status == 0 && run.out.contains("pre-receive"), "{shell}");
    }
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let here = Folder::new();
    for (arguments, title) in [
        (&["man"][..], ".TH keyward 1"),
        (&["man", "scan"], ".TH keyward-scan 1"),
        (&["man", "hook-install"], ".TH keyward-hook-install 1"),
    ] {
        let run = here.keyward(arguments);
        assert!(run.status == 0 && run.out.contains(title), "{}", run.out);
    }
    let run = here.keyward(&["man", "hook-nothing"]);
    assert_eq!(
        (run.status, run.err.as_str()),
        (2, "keyward: there is no command 'hook nothing'\n  hint: keyward --help names them\n")
    );
}

#[test]
fn a_mistyped_flag_is_answered_with_the_one_that_was_meant() {
    let run = Folder::new().keyward(&["scan", "--no-marker"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("a similar argument exists: '--no-markers'"), "{}", run.err);
}

#[test]
fn a_place_is_a_link_only_where_a_terminal_shows_links() {
    let (here, key) = (Folder::new(), crate::support::Key::new(970));
    here.write("a b.env", key.env_file());
    let scan = |forced: bool| {
        let mut keyward = here.command(crate::support::KEYWARD);
        if forced {
            keyward.env("FORCE_HYPERLINK", "1");
        }
        let output = keyward.args(["scan", ".", "--color", if forced { "always" } else { "auto" }]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let path = here.path().canonicalize().unwrap().join("a%20b.env");
    let link = format!("\u{1b}]8;;file://{}\u{1b}\\", path.display());
    assert!(scan(true).starts_with(&link), "{}", scan(true));
    assert!(!scan(false).contains('\u{1b}'));
}
