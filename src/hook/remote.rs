//! What a remote has, as far as its tracking refs can be believed.
//!
//! They tell what it had when it was last asked, under the URL of that time. Somebody who publishes a private repository
//! changes the URL, and the refs still speak of the old place: where anything says so, only what git itself tells of this push
//! counts as known.

use super::pushed::Change;
use crate::config::Known;
use crate::error::Result;
use crate::git::Remotes;

/// What the remote called `name` has, to which `changes` are pushed at `url`.
///
/// # Errors
/// Where git's configuration cannot be read.
pub(super) fn known(name: &str, url: &str, changes: &[Change]) -> Result<Known> {
    let remotes = Remotes::of_this_repository()?;
    let is_there = remotes.url(name).is_some_and(|fetched| place(fetched) == place(url));
    // The refs of `team/alice` look like branches of `team`.
    let is_alone = !remotes.names().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
    let is_another = changes.iter().filter(|change| change.old.is_null()).any(|change| is_main(&remotes, name, change));
    Ok(if is_there && is_alone && !is_another { Known::ByRemote(name.to_owned()) } else { Known::Nothing })
}

/// Is it the remote's main branch, which is tracked, though git says that the remote does not have it? Others are
/// deleted every day, this one is not.
fn is_main(remotes: &Remotes, name: &str, change: &Change) -> bool {
    let Some(branch) = change.remote_ref.strip_prefix("refs/heads/") else { return false };
    let tracking = format!("refs/remotes/{name}/{branch}");
    let main = remotes.leads_to(&format!("refs/remotes/{name}/HEAD"));
    let is_main = main.map_or_else(|| matches!(branch, "main" | "master"), |main| main == tracking);
    is_main && remotes.has_ref(&tracking)
}

/// The place that a URL means: host and path, whatever the protocol and the user.
fn place(url: &str) -> String {
    let (rest, has_scheme) = url.split_once("://").map_or((url, false), |(_, rest)| (rest, true));
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    // `HOST:PORT/PATH`, or `HOST:PATH` where there is no protocol.
    let (host, more) = host.split_once(':').map_or((host, ""), |(host, more)| (host, more));
    let more = if has_scheme || more.is_empty() { String::new() } else { format!("/{more}") };
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    let more = if path.is_empty() { more.trim_end_matches(".git").to_owned() } else { more };
    format!("{}{more}{path}", host.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_by_any_protocol() {
        let same = [
            "https://example.org/team/app.git",
            "https://user:token@example.org/team/app",
            "git@example.org:team/app.git",
            "ssh://git@Example.org:22/team/app/",
        ];
        for url in same {
            assert_eq!(place(url), "example.org/team/app", "{url}");
        }
        for other in ["https://example.org/other/app.git", "git@example.com:team/app", "../app.git", "app"] {
            assert_ne!(place(other), "example.org/team/app", "{other}");
        }
        assert_eq!(place("/srv/app.git"), "/srv/app");
        assert_ne!(place("../a.git"), place("../b.git"));
    }
}
