//! Images of containers, as `docker save` writes them and as the OCI lays them out: a tar with a manifest, whose layers are
//! files of the same tar.
//!
//! Every file of the tar is examined in any case, whatever a manifest says, so what a later layer hides or deletes is
//! found in the layer that has it, and no manifest can lead in circles. What is worked out here is whether the tar has all
//! that the manifest speaks of. Sources: moby, `image/tarexport`; OCI image format, image-layout.md, manifest.md.

use super::{Take, Trouble};
use bstr::{BString, ByteSlice};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a manifest that are held; real ones have a few thousand.
pub(super) const MANIFEST: u64 = 256 * 1024;

/// Bytes of all manifests that are held.
const MANIFESTS: usize = 4 << 20;

/// Files that are remembered by name; an image has some hundred.
const FILES: usize = 50_000;

/// Indexes behind each other that are followed; images have two.
const INDEXES: usize = 16;

const LAYER: Trouble = Trouble::Absent("a layer of the image that is not in it");

/// What a tar has of an image.
#[derive(Default)]
pub(super) struct Image {
    files: BTreeSet<BString>,
    manifests: BTreeMap<BString, Vec<u8>>,
    held: usize,
}

impl Image {
    /// May a file of this name be part of an image, and if so, may it be a manifest?
    pub(super) fn may_describe(name: &[u8], size: u64) -> bool {
        size <= MANIFEST && (name == b"manifest.json" || name == b"index.json" || name.starts_with(b"blobs/"))
    }

    /// Notes a file.
    pub(super) fn note(&mut self, name: &[u8]) {
        let may_be_layer = name.starts_with(b"blobs/") || name.ends_with(b".tar") || name.ends_with(b".tar.gz");
        if may_be_layer && self.files.len() < FILES {
            self.files.insert(name.into());
        }
    }

    /// Notes the content of what may be a manifest.
    pub(super) fn describe(&mut self, name: &[u8], content: &[u8]) {
        let is_json = content.trim_ascii_start().first().is_some_and(|byte| b"{[".contains(byte));
        if is_json && self.held + content.len() <= MANIFESTS {
            self.held += content.len();
            self.manifests.insert(name.into(), content.to_vec());
        }
    }

    /// Tells of what the manifests speak and what is not there.
    pub(super) fn conclude(self, take: &mut dyn Take) {
        let mut way = Vec::new();
        let mut seen = BTreeSet::new();
        let mut absent = BTreeMap::new();
        for layer in self.of_docker() {
            if !self.files.contains(&layer) {
                absent.insert(layer, LAYER);
            }
        }
        self.of_oci(b"index.json", &mut way, &mut seen, &mut absent);
        for (name, trouble) in absent {
            take.trouble(&name, trouble);
        }
    }

    fn manifest(&self, name: &[u8]) -> Option<Value> {
        serde_json::from_slice(self.manifests.get(name.as_bstr())?).ok()
    }

    /// The layers that docker's manifest names.
    fn of_docker(&self) -> Vec<BString> {
        let manifest = self.manifest(b"manifest.json").unwrap_or_default();
        let images = manifest.as_array().into_iter().flatten();
        let layers = images.filter_map(|image| image.get("Layers")?.as_array()).flatten();
        layers.filter_map(|layer| Some(layer.as_str()?.into())).collect()
    }

    /// Follows an index to its manifests, and these to their layers.
    fn of_oci(
        &self,
        name: &[u8],
        way: &mut Vec<BString>,
        seen: &mut BTreeSet<BString>,
        absent: &mut BTreeMap<BString, Trouble>,
    ) {
        let Some(manifest) = self.manifest(name) else { return };
        if way.len() == INDEXES {
            absent.insert(name.into(), Trouble::Absent("too many indexes of the image lie behind each other"));
            return;
        }
        way.push(name.into());
        for blob in blobs(&manifest, "manifests") {
            if way.contains(&blob) {
                absent.insert(blob, Trouble::Absent("an index of the image that leads to itself"));
            } else if !self.files.contains(&blob) {
                // Of another platform, most often: whoever saves an image has one of them.
                absent.insert(blob, Trouble::Elsewhere("a manifest that the image names and does not hold"));
            } else if seen.insert(blob.clone()) {
                self.of_oci(&blob, way, seen, absent);
            }
        }
        for layer in blobs(&manifest, "layers").into_iter().filter(|layer| !self.files.contains(layer)) {
            absent.insert(layer, LAYER);
        }
        way.pop();
    }
}

/// The files that a list of descriptors speaks of.
fn blobs(manifest: &Value, list: &str) -> Vec<BString> {
    let descriptors = manifest.get(list).and_then(Value::as_array).into_iter().flatten();
    let digests = descriptors.filter_map(|descriptor| descriptor.get("digest")?.as_str()?.split_once(':'));
    digests.map(|(algorithm, digest)| format!("blobs/{algorithm}/{digest}").into()).collect()
}
