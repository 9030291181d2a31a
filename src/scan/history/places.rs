//! Where a credential stands in the object that brought it.

use crate::finding::{Finding, Mark, Origin, SourceKind};
use crate::git::{Kind, Oid, Reader};
use crate::scan::inside::Inner;
use crate::scan::objects::{Lens, Shown};
use crate::scan::sightings::Sighting;
use crate::source::history::attribute::{Attribution, Attributor, Group};
use crate::source::history::objects::{Objects, whole};
use bstr::{BString, ByteSlice};
use std::collections::BTreeMap;
use std::io::{self, Read};

/// Puts sightings at their places.
pub(super) struct Places<'p> {
    pub(super) reader: Reader,
    pub(super) objects: &'p Objects,
    pub(super) lens: &'p Lens,
}

impl Places<'_> {
    pub(super) fn findings(&mut self, sightings: Vec<Sighting>, attributor: &Attributor<'_>) -> Vec<Finding> {
        // Credentials that the same objects hold came the same way.
        let mut groups: BTreeMap<Vec<Oid>, usize> = BTreeMap::new();
        let marked = sightings.iter().filter_map(|seen| seen.marked.as_ref()).map(|&(_, name)| vec![name]);
        for names in sightings.iter().map(|seen| seen.objects.clone()).chain(marked) {
            let next = groups.len();
            groups.entry(names).or_insert(next);
        }
        let mut numbered: Vec<Group> = vec![Group::new(); groups.len()];
        for (names, &at) in &groups {
            numbered[at] = names.iter().filter_map(|name| self.objects.find(name.as_bytes())).collect();
        }
        let attributions = attributor.attribute(&numbered);
        let at = |names: &[Oid]| attributions[groups[names]].as_ref();
        sightings
            .into_iter()
            .map(|seen| match at(&seen.objects) {
                Some(attribution) => {
                    let mut finding = self.finding(&seen, attribution);
                    take_mark(&mut finding, &seen, |name| self.placed(&seen, at(&[*name])?));
                    finding
                }
                None => seen.best,
            })
            .collect()
    }

    fn finding(&mut self, seen: &Sighting, attribution: &Attribution) -> Finding {
        let mut finding = self.placed(seen, attribution).unwrap_or_else(|| seen.best.clone());
        finding.provenance = Some(attribution.provenance.clone());
        finding
    }

    fn placed(&mut self, seen: &Sighting, attribution: &Attribution) -> Option<Finding> {
        let name = self.objects.name(attribution.object);
        let path = attribution.path.as_ref();
        // What does not fit into memory is streamed through git.
        let found = match self.objects.read_with_kind(attribution.object) {
            Ok((kind, bytes)) => place(self.lens, seen, &name, kind, bytes.len() as u64, &mut &bytes[..], path),
            Err(_) => self
                .reader
                .with_object(&name, |kind, size, content| place(self.lens, seen, &name, kind, size, content, path)),
        };
        found.ok().flatten()
    }
}

/// Gives a finding the marker that another version has, if that one says more than its own; `placed` finds the
/// credential in that version, at its place.
pub(super) fn take_mark(finding: &mut Finding, seen: &Sighting, placed: impl FnOnce(&Oid) -> Option<Finding>) {
    let says = |mark: &Option<Mark>| mark.as_ref().map(|mark| mark.marker);
    if let Some((mark, name)) = &seen.marked
        && says(&finding.mark) < Some(mark.marker)
    {
        finding.mark = placed(name).and_then(|there| there.mark).or_else(|| Some(mark.clone()));
    }
}

/// The finding of a sighting in the object called `name`, at its lines there.
pub(super) fn place(
    lens: &Lens,
    seen: &Sighting,
    name: &Oid,
    kind: Kind,
    size: u64,
    content: &mut dyn Read,
    path: Option<&BString>,
) -> io::Result<Option<Finding>> {
    let (view, path, header) = match kind {
        Kind::Blob => {
            let path = path.cloned().unwrap_or_else(|| format!("blob {name}").into());
            (lens.stream(kind, size, content)?, path, 0)
        }
        Kind::Tree => (lens.stream(kind, size, content)?, folder(path), 0),
        Kind::Commit | Kind::Tag => {
            let bytes = whole(size, content)?;
            let header = bytes.find(b"\n\n").map_or(0, |end| bytes[..end].lines().count() + 1);
            let path = format!("message of {} {}", kind.name(), name.short());
            (lens.look_at(kind, &bytes), path.into(), header as u64)
        }
    };
    let is_it = |shown: &Shown| shown.credential.fingerprint() == seen.best.fingerprint;
    Ok(view.shown.into_iter().find(is_it).map(|Shown { credential, entry, inner }| {
        let path = BString::from([&path[..], entry.as_deref().unwrap_or_default()].concat());
        let blob = (kind == Kind::Blob).then(|| name.to_string());
        let file = Origin::of(path, SourceKind::History, blob);
        let mut finding = Finding::new(credential, Inner::origin(inner.as_ref(), &file));
        finding.move_up(header);
        finding.adopt(&seen.best);
        finding
    }))
}

/// The path of a tree, as the start of its entries' paths.
fn folder(path: Option<&BString>) -> BString {
    let mut path = path.cloned().unwrap_or_default();
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path
}
