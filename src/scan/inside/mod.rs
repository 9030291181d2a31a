//! What a text shows, and everything inside of it where it is a container.
//!
//! Each text is examined twice if it is one: as it is, so that nothing can hide between the entries, and entry by entry.
//! What stands in an entry is named by its inner path (`outer.zip!inner/file`), and not once more by where its bytes lie in the
//! container. What cannot be opened (it is encrypted, or broken) is said, and was at least examined as it is.

mod level;
mod rows;
mod said;
mod strings;
mod walk;

use crate::archive::{Budget, Content, Format, HEAD, Limits};
use crate::detect::Wanted;
use crate::detect::found::Credential;
use crate::examine::Examined;
use crate::finding::{Inside, Origin};
use crate::prefilter::Prefilter;
use bstr::{BString, ByteSlice};
use level::{Level, Watched};
pub(super) use said::Said;
use std::collections::HashSet;
use std::io::{self, Read};
use walk::{Poured, Walk};

/// How texts are looked at.
#[derive(Clone, Copy)]
pub(super) struct Eye<'e> {
    pub(super) prefilter: &'e Prefilter,
    pub(super) wanted: &'e Wanted,
    pub(super) limits: &'e Limits,
}

/// Where in a container a text lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner {
    /// `!` and the name of an entry, for each container on the way.
    path: BString,
    /// Where the last `!` stands.
    container: usize,
}

/// A text that shows something.
pub(super) struct Text {
    /// Nothing for the file itself.
    pub(super) inner: Option<Inner>,
    pub(super) examined: Examined,
}

/// Something to be said of a part of a text.
pub(super) struct Remark {
    inner: Option<Inner>,
    pub(super) said: Said,
}

/// What a text and all inside of it show.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) texts: Vec<Text>,
    pub(super) remarks: Vec<Remark>,
    /// Bytes of the text as it is.
    pub(super) bytes: u64,
    /// Entries inside.
    pub(super) entries: u64,
}

impl Inner {
    /// The origin of what lies here in the text from `outer`.
    pub(super) fn origin(inner: Option<&Self>, outer: &Origin) -> Origin {
        let Some(inner) = inner else { return outer.clone() };
        let artifact = outer.path.len();
        let mut path = outer.path.clone();
        let (mut rest, mut container) = (&inner.path[..], artifact + inner.container);
        // A compressed stream's content has the file's name without what stands for the compression.
        if let Some(behind) = rest.strip_prefix(b"!").filter(|behind| behind.is_empty() || behind.starts_with(b"!")) {
            let stem = stem(&outer.path);
            path.push(b'!');
            path.extend_from_slice(&stem);
            rest = behind;
            container += if inner.container > 0 { stem.len() } else { 0 };
        }
        path.extend_from_slice(rest);
        Origin { path, inside: Some(Inside { artifact, container }), ..outer.clone() }
    }
}

impl Remark {
    /// The path of what it is about, in the text called `outer`.
    pub(super) fn path(&self, outer: &Origin) -> String {
        Inner::origin(self.inner.as_ref(), outer).path.to_str_lossy().into_owned()
    }
}

/// The name of a compressed file's content.
fn stem(path: &[u8]) -> Vec<u8> {
    let name = path.rsplit(|byte| b"/!".contains(byte)).next().unwrap_or_default();
    for (ending, instead) in
        [(".tgz", ".tar"), (".gz", ""), (".bz2", ""), (".xz", ""), (".zst", ""), (".svgz", ".svg"), (".Z", "")]
    {
        if let Some(stem) = name.strip_suffix(ending.as_bytes()).filter(|stem| !stem.is_empty()) {
            return [stem, instead.as_bytes()].concat();
        }
    }
    b"content".to_vec()
}

impl Eye<'_> {
    /// What a text shows that is read through `examine`, and what is inside.
    ///
    /// # Errors
    /// What reading it reports.
    pub(super) fn look(
        &self,
        content: Content<'_>,
        examine: impl FnOnce(&mut dyn Read) -> io::Result<Examined>,
    ) -> io::Result<Seen> {
        match content {
            Content::Memory(bytes) => Ok(self.inside(examine(&mut &bytes[..])?, Content::Memory(bytes))),
            Content::File(file) => Ok(self.inside(examine(&mut &*file)?, Content::File(file))),
            Content::Stream(stream) => {
                let mut head = Vec::with_capacity(HEAD);
                (&mut *stream).take(HEAD as u64).read_to_end(&mut head)?;
                let mut whole = head.chain(stream);
                match Format::of(whole.get_ref().0) {
                    None => Ok(Seen::from(examine(&mut whole)?)),
                    Some(_) => self.stream(&mut whole),
                }
            }
        }
    }

    /// What is inside of a text that was examined as it is.
    pub(super) fn inside(&self, raw: Examined, content: Content<'_>) -> Seen {
        let Some(format) = raw.format else { return raw.into() };
        let budget = Budget::of(*self.limits);
        let mut walk = Walk::new(*self, &budget);
        // Whatever was passed is said already.
        let _ = walk.open(format, content);
        walk.conclude(raw)
    }

    /// The same of a text that can be read once.
    fn stream(&self, stream: &mut dyn Read) -> io::Result<Seen> {
        let budget = Budget::of(*self.limits);
        let mut walk = Walk::new(*self, &budget);
        let mut watched = Watched { reader: stream, failed: None };
        let mut level = Level::get();
        let raw = walk.pour(&mut watched, &mut level);
        level.put();
        match (raw, watched.failed) {
            (_, Some(error)) => Err(error),
            (Poured { raw, .. }, None) => Ok(walk.conclude(raw)),
        }
    }
}

impl From<Examined> for Seen {
    fn from(examined: Examined) -> Self {
        let mut seen = Self { bytes: examined.bytes, ..Self::default() };
        seen.add(None, examined);
        seen
    }
}

impl Seen {
    fn add(&mut self, inner: Option<Inner>, examined: Examined) {
        if examined.too_large {
            self.remarks.push(Remark { inner: inner.clone(), said: Said::too_large() });
        }
        if !examined.credentials.is_empty() || !examined.dismissals.is_empty() {
            self.texts.push(Text { inner, examined });
        }
    }

    /// Adds what the bytes of a container show, apart from what the texts from `first` on, its entries, show better.
    fn add_container(&mut self, inner: Option<Inner>, mut raw: Examined, first: usize) {
        self.leave_out_told(&mut raw, first);
        self.add(inner, raw);
    }

    /// Leaves out the credentials that the texts from `first` on show.
    fn leave_out_told(&self, examined: &mut Examined, first: usize) {
        if examined.credentials.is_empty() {
            return;
        }
        let told = self.texts[first..].iter().flat_map(|text| &text.examined.credentials);
        let known: HashSet<&str> = told.flat_map(Credential::values).collect();
        examined.credentials.retain(|found| !found.values().all(|value| known.contains(value)));
    }
}
