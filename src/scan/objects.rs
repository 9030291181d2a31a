//! What an object of a history shows: the credentials in a file, in a message, in the names of a tree.

use super::inside::{Eye, Inner, Remark, Seen, Text};
use crate::archive::{Content, Limits};
use crate::detect::found::Credential;
use crate::detect::{Dismissal, Wanted};
use crate::examine::{Examined, examine_known};
use crate::git::Kind;
use crate::prefilter::{Doors, Hit, Prefilter};
use crate::source::history::links::TreeEntry;
use crate::source::history::objects::whole;
use std::io::{self, Read};

/// How objects are looked at.
pub(super) struct Lens {
    pub(super) prefilter: Prefilter,
    pub(super) wanted: Wanted,
    pub(super) archives: Limits,
    pub(super) hash_len: usize,
}

/// A credential, and the entry of the tree whose name holds it, if it is a tree; or the place inside, if it is a
/// container.
pub(super) struct Shown {
    pub(super) credential: Credential,
    pub(super) entry: Option<Vec<u8>>,
    pub(super) inner: Option<Inner>,
}

/// What an object shows.
#[derive(Default)]
pub(super) struct View {
    pub(super) shown: Vec<Shown>,
    pub(super) dismissals: Vec<(Dismissal, Option<Inner>)>,
    /// What is to be said of it where it is a container.
    pub(super) remarks: Vec<Remark>,
    /// Does it stand for a file that Git LFS keeps elsewhere?
    pub(super) is_lfs_pointer: bool,
}

/// The start of what Git LFS puts in a file's place, and the most bytes that it may have. Source: git-lfs, docs/spec.md.
const LFS_POINTER: (&[u8], u64) = (b"version https://git-lfs.github.com/spec/v1\n", 1024);

impl View {
    /// Is there anything to note?
    pub(super) fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.dismissals.is_empty() && self.remarks.is_empty() && !self.is_lfs_pointer
    }
}

impl From<Seen> for View {
    fn from(seen: Seen) -> Self {
        let mut view = Self { remarks: seen.remarks, ..Self::default() };
        for Text { inner, examined } in seen.texts {
            let shown = examined.credentials.into_iter();
            view.shown.extend(shown.map(|credential| Shown { credential, entry: None, inner: inner.clone() }));
            view.dismissals.extend(examined.dismissals.into_iter().map(|dismissal| (dismissal, inner.clone())));
        }
        view
    }
}

impl Lens {
    /// An object in memory whose hits are known.
    pub(super) fn look(&self, kind: Kind, bytes: &[u8], hits: &[Hit]) -> View {
        let examined = match examine_known(&self.prefilter, bytes, hits, &self.wanted) {
            Some(examined) => examined,
            None => self.read(&mut &bytes[..]).expect("a slice is always readable"),
        };
        match kind {
            // Between the names stand hashes, so a second look goes at the names alone.
            Kind::Tree if examined.credentials.is_empty() => View::default(),
            Kind::Tree => self.names(bytes).unwrap_or_else(|| Seen::from(examined).into()),
            Kind::Blob => {
                let seen = self.eye().inside(examined, Content::Memory(bytes));
                View { is_lfs_pointer: bytes.starts_with(LFS_POINTER.0), ..seen.into() }
            }
            Kind::Commit | Kind::Tag => Seen::from(examined).into(),
        }
    }

    fn eye(&self) -> Eye<'_> {
        Eye { prefilter: &self.prefilter, wanted: &self.wanted, limits: &self.archives }
    }

    /// An object in memory.
    pub(super) fn look_at(&self, kind: Kind, bytes: &[u8]) -> View {
        let mut hits = Vec::new();
        self.prefilter.hits(bytes, &mut hits);
        self.look(kind, bytes, &hits)
    }

    /// An object of any size.
    pub(super) fn stream(&self, kind: Kind, size: u64, content: &mut dyn Read) -> io::Result<View> {
        match kind {
            Kind::Tree => Ok(self.look_at(kind, &whole(size, content)?)),
            Kind::Blob if size <= LFS_POINTER.1 => Ok(self.look_at(kind, &whole(size, content)?)),
            Kind::Blob => {
                let seen = self.eye().look(Content::Stream(content), |content| self.read(content))?;
                Ok(seen.into())
            }
            Kind::Commit | Kind::Tag => Ok(Seen::from(self.read(content)?).into()),
        }
    }

    fn read(&self, content: &mut dyn Read) -> io::Result<Examined> {
        super::examine(&self.prefilter, &self.wanted, content)
    }

    /// What the names in a tree show; nothing where its entries are damaged.
    fn names(&self, tree: &[u8]) -> Option<View> {
        let mut view = View::default();
        let mut end = 0;
        for entry in TreeEntry::all(tree, self.hash_len) {
            let shown = self.look_at(Kind::Blob, entry.name).shown.into_iter();
            view.shown.extend(shown.map(|shown| Shown { entry: Some(entry.name.to_vec()), ..shown }));
            end = entry.end;
        }
        (end == tree.len()).then_some(view)
    }
}
