//! What is about to be done to a key, and what became of it, in words.

use super::lines::{hanging, wrapped};
use super::triaged::{use_of, used_or_never};
use crate::aws::client::Client;
use crate::aws::evidence::Evidence;
use crate::aws::facts::{Facts, Owner, Password};
use crate::aws::iam::Status;
use crate::aws::moment::Moment;
use crate::aws::seen::{Before, Seen};
use crate::aws::switch::{Order, READINGS, Settled};
use crate::config::respond::{Again, Deactivate};
use crate::sanitize::{sanitize, shell_word};
use std::io::{self, Write};

/// What is about to be done, with all that people must know before they say yes.
pub(super) struct Plan {
    pub(super) order: Order,
    /// Is the key switched with itself?
    pub(super) is_itself: bool,
    /// Who does it.
    pub(super) responder: String,
    pub(super) facts: Facts,
    /// Its last use, where that is known.
    pub(super) seen: Option<Seen>,
    /// What proves that keyward switched it off, if it is to be switched on again.
    pub(super) proof: Option<Evidence>,
    pub(super) now: Moment,
}

/// Writes what is about to be done.
pub(super) fn show(plan: &Plan, client: &Client, out: &mut dyn Write) -> io::Result<()> {
    let verb = if plan.order.to == Status::Inactive { "switch off" } else { "switch on again" };
    let whose = match &plan.facts.owner {
        Owner::User(user) => format!("user {user}"),
        Owner::Root => "the root user".to_owned(),
    };
    let what = format!("This will {verb} {} of {whose} in account {}", plan.order.key_id, plan.facts.account);
    writeln!(out, "{}", wrapped("", &sanitize(&what)))?;
    writeln!(out, "{}", wrapped("  ", &sanitize(&call(&plan.order))))?;
    writeln!(out, "{}", wrapped("  ", &sanitize(&format!("as {}", plan.responder))))?;
    if let Some(url) = client.iam_endpoint().url() {
        writeln!(out, "{}", wrapped("  ", &sanitize(&format!("at {url}, which is not AWS's own place"))))?;
    }
    match &plan.proof {
        Some(proof) => before_undoing(proof, out)?,
        None => before_switching_off(plan, out)?,
    }
    for gap in &plan.facts.gaps {
        writeln!(out, "{}", wrapped("", &sanitize(&format!("not known: {} ({})", gap.what, gap.why))))?;
    }
    Ok(())
}

fn call(order: &Order) -> String {
    format!("iam:UpdateAccessKey {}", order.parameters().join(" "))
}

fn before_switching_off(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", wrapped("", &sanitize(&will_stop(plan))))?;
    if let Some(quarantine) = plan.facts.quarantine() {
        let text = if plan.is_itself {
            format!(
                "AWS has quarantined the user ({}): it will not be let to switch its own key off",
                quarantine.policy
            )
        } else {
            format!("AWS has quarantined the user ({}); you can switch the key off all the same", quarantine.policy)
        };
        writeln!(out, "{}", wrapped("", &sanitize(&text)))?;
    }
    if plan.is_itself {
        let text =
            "It switches itself off: you cannot undo that with it, and what it does now is in the account's log.";
        writeln!(out, "{}", wrapped("", text))?;
    }
    writeln!(out, "Inactive does not stop:")?;
    for rest in survivors(plan) {
        writeln!(out, "{}", hanging("  - ", 4, &sanitize(&rest)))?;
    }
    Ok(())
}

fn will_stop(plan: &Plan) -> String {
    match &plan.seen {
        Some(Seen::Never | Seen::OwnCall { before: Before::Never, .. }) => {
            "It was never used: nothing should miss it.".to_owned()
        }
        Some(seen) => match seen.by_others() {
            Some(used) => {
                let used = use_of(used, plan.now);
                format!("It was last used {used}: whatever still uses it will stop working.")
            }
            None => {
                "Its last use is keyward's own, and what was before is not known: whatever uses it will stop working."
                    .to_owned()
            }
        },
        None => "Its last use is not known: whatever uses it will stop working.".to_owned(),
    }
}

/// What goes on once the key is off.
fn survivors(plan: &Plan) -> Vec<String> {
    let facts = &plan.facts;
    let mut rest = vec!["sessions that it has begun already, for up to 36 hours".to_owned()];
    for other in facts.others.iter().flatten().filter(|other| other.key.status != Status::Inactive) {
        let used = other
            .last_use
            .as_ref()
            .map_or_else(|| "last use not known".to_owned(), |used| used_or_never(used, plan.now));
        rest.push(format!("the owner's other key {} ({}, {used})", other.key.key_id, other.key.status));
    }
    match facts.password {
        Some(Password::Since(since)) => rest.push(format!("the console password (since {})", since.day())),
        None if facts.owner == Owner::Root => rest.push("root's password".to_owned()),
        Some(Password::None) | None => {}
    }
    let active = facts.service_credentials.iter().flatten().filter(|credential| credential.is_active);
    rest.extend(active.map(|credential| format!("the user's credential for {}", credential.service)));
    if facts.signers.is_some_and(|count| count > 0) {
        rest.push("the user's signing certificates and SSH keys".to_owned());
    }
    rest.push(if facts.makes_identities() {
        "keys, users and roles that it has made: it may make them".to_owned()
    } else {
        "anything that it has made".to_owned()
    });
    rest
}

fn before_undoing(proof: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let record = &proof.record;
    let when = format!("keyward switched it off at {}: {}", record.begun_at, proof.file().display());
    writeln!(out, "{}", wrapped("", &sanitize(&when)))?;
    let text = "The key is public: it has leaked, and whoever has a copy of it can use it again from then on.";
    writeln!(out, "{}", wrapped("", text))
}

/// Writes what would be done, call by call.
pub(super) fn rehearse(plan: &Plan, wish: &Deactivate, client: &Client, out: &mut dyn Write) -> io::Result<()> {
    show(plan, client, out)?;
    writeln!(out, "These calls would be made, and none of them was:")?;
    writeln!(out, "  1. {}", sanitize(&call(&plan.order)))?;
    let user = plan.order.user.as_ref().map(|user| format!("  UserName={user}")).unwrap_or_default();
    let status = if plan.order.to == Status::Inactive { "Inactive" } else { "Active" };
    let read = format!(
        "iam:ListAccessKeys{user}  until it says {status} {READINGS} times in a row, for up to {} s",
        wish.patience.as_secs()
    );
    writeln!(out, "{}", hanging("  2. ", 5, &sanitize(&read)))?;
    if let Some(folder) = &wish.access.evidence {
        writeln!(out, "{}", wrapped("", &sanitize(&format!("the record would lie in {}", folder.display()))))?;
    }
    writeln!(out, "dry run: nothing was changed")
}

/// Writes that it is done.
pub(super) fn done(
    plan: &Plan,
    settled: &Settled,
    client: &Client,
    evidence: &Evidence,
    again: &Again,
    out: &mut dyn Write,
) -> io::Result<()> {
    let endpoint = client.iam_endpoint();
    let asked = if endpoint.url().is_some() { format!(" ({endpoint})") } else { String::new() };
    let key = plan.order.key_id;
    match settled {
        Settled::KeyRefused => writeln!(out, "inactive: AWS refused it twice{asked}")?,
        _ => writeln!(out, "{}: read back twice from IAM{asked}", plan.order.to)?,
    }
    writeln!(out, "evidence: {}", sanitize(&evidence.file().display().to_string()))?;
    match (plan.order.to, plan.is_itself, &plan.facts.owner) {
        (Status::Inactive, true, Owner::Root) => {
            writeln!(out, "undo:     sign in as root: the key cannot undo it itself")
        }
        (Status::Inactive, true, Owner::User(_)) => {
            writeln!(out, "undo:     keyward deactivate {key} --undo --profile NAME")
        }
        (Status::Inactive, false, _) => writeln!(out, "undo:     keyward deactivate {key} --undo{}", again.keyward),
        _ => writeln!(out, "off:      keyward deactivate {key}{}", again.keyward),
    }
}

/// Writes that nobody knows how it ended, and how to find out.
pub(super) fn unknown(
    plan: &Plan,
    why: &str,
    evidence: &Evidence,
    again: &Again,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "keyward: outcome unknown: check")?;
    writeln!(out, "{}", wrapped("  caused by: ", &sanitize(why)))?;
    let user = plan.order.user.as_ref().map(|user| format!(" --user-name {}", shell_word(user)));
    let look = format!("aws iam list-access-keys{}{}", user.unwrap_or_default(), again.aws);
    writeln!(out, "  hint: {}", sanitize(&look))?;
    writeln!(
        out,
        "        it must say {}",
        match plan.order.to {
            // What is recorded last is this order, so keyward has no proof for another one.
            Status::Active => "Active; if not, aws iam update-access-key sets it",
            Status::Inactive | Status::Other => "Inactive; if not, the same command once more",
        }
    )?;
    writeln!(out, "evidence: {}", sanitize(&evidence.file().display().to_string()))
}
