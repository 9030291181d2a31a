//! The remotes of a repository: their names and URLs, and the refs that track them.

use super::local::Local;
use super::{git_in, output, settings};
use crate::error::Result;
use bstr::ByteSlice;

/// The remotes of the working directory's repository.
pub struct Remotes {
    local: Option<Local>,
    /// Names, and the URLs from which they are fetched.
    all: Vec<(String, String)>,
}

impl Remotes {
    /// All of them.
    ///
    /// # Errors
    /// Where git's configuration cannot be read.
    pub fn of_this_repository() -> Result<Self> {
        let local = Local::from_env().ok();
        let all = match &local {
            Some(local) => local.remotes(),
            None => by_git()?,
        };
        Ok(Self { local, all })
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|(name, _)| name.as_str())
    }

    /// From where a remote is fetched.
    #[must_use]
    pub fn url(&self, name: &str) -> Option<&str> {
        self.all.iter().find(|(known, _)| known == name).map(|(_, url)| url.as_str())
    }

    /// The full name of what a ref leads to, if it leads to another one; `refs/remotes/origin/HEAD` does.
    #[must_use]
    pub fn leads_to(&self, name: &str) -> Option<String> {
        if let Some(local) = &self.local {
            return local.leads_to(name);
        }
        let target = output(git_in(None), &["symbolic-ref", "--quiet", name]).ok()?;
        Some(target.trim_ascii().to_str_lossy().into_owned())
    }

    /// Is there such a ref?
    #[must_use]
    pub fn has_ref(&self, name: &str) -> bool {
        match &self.local {
            Some(local) => local.has_ref(name),
            None => output(git_in(None), &["rev-parse", "--verify", "--quiet", name]).is_ok(),
        }
    }
}

/// Remotes by git's configuration; `insteadOf` is not followed.
fn by_git() -> Result<Vec<(String, String)>> {
    let urls = settings(r"^remote\..*\.url$")?;
    let remote = |name: &str| name.strip_prefix("remote.")?.strip_suffix(".url").map(str::to_owned);
    Ok(urls.iter().filter_map(|(name, url)| Some((remote(name)?, url.to_str_lossy().into_owned()))).collect())
}
