//! The files that people have already: those of gitleaks, betterleaks, detect-secrets and ripsecrets.

mod compared;
mod honoured;
mod imported;

use crate::support::installed;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Real gitleaks, asked for its decisions.
static REFEREE: LazyLock<PathBuf> = LazyLock::new(|| installed("peers", "peers-1").join("referee"));
