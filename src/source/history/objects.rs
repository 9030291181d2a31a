//! The objects of a repository: its packs and its loose objects, and those of the folders that it borrows from.

use super::fault::Fault;
use super::forest::Forest;
use super::index::{self, Index};
use super::loose;
use super::pack::{Entry, HELD, Pack};
use super::walk::{Made, Workshop};
use crate::error::{Error, Result};
use crate::git::{Kind, Oid, Store};
use crate::source::Gap;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// An object of the repository, by number: pack by pack in the order of names, then the loose ones.
pub type Number = u32;

/// A pack with its delta trees.
#[derive(Debug)]
pub struct Packed {
    /// The pack.
    pub pack: Pack,
    /// Its delta trees.
    pub forest: Forest,
    /// Is it the repository's own, rather than borrowed?
    pub own: bool,
    /// The number of its first object.
    first: Number,
    prefixes: Prefixes,
}

/// The loose objects of one folder.
#[derive(Debug)]
pub struct Loose {
    /// The folder.
    pub folder: PathBuf,
    /// Their names, in order.
    pub names: Vec<Oid>,
    /// Is it the repository's own, rather than borrowed?
    pub own: bool,
    first: Number,
}

/// All objects that a repository can read.
#[derive(Debug, Default)]
pub struct Objects {
    packs: Vec<Packed>,
    loose: Vec<Loose>,
    count: Number,
    hash_len: usize,
}

impl Objects {
    /// Opens the objects of `store`; what cannot be opened is a gap.
    ///
    /// # Errors
    /// Where git cannot say where they are.
    pub fn open(store: &Store, gaps: &mut Vec<Gap>) -> Result<Self> {
        let mut objects = Self { hash_len: store.hash_len(), ..Self::default() };
        objects.add_folder(store.objects(), store.hash_len(), true, gaps)?;
        for alternate in store.alternates()? {
            objects.add_folder(&alternate, store.hash_len(), false, gaps)?;
        }
        Ok(objects)
    }

    fn add_folder(&mut self, folder: &Path, hash_len: usize, own: bool, gaps: &mut Vec<Gap>) -> Result<()> {
        for (path, index) in indexes(&folder.join("pack"), hash_len, gaps) {
            match Pack::open(&path, index) {
                Ok(pack) => self.add_pack(&path, pack, own, gaps)?,
                Err(error) => gaps.push(Gap::new(shown(&path), error)),
            }
        }
        let names = loose::list(folder, hash_len).map_err(|error| {
            Error::new(format!("could not list the objects in {}", folder.display())).because(error)
        })?;
        let first = self.claim(names.len())?;
        self.loose.push(Loose { folder: folder.to_owned(), names, own, first });
        Ok(())
    }

    fn add_pack(&mut self, path: &Path, pack: Pack, own: bool, gaps: &mut Vec<Gap>) -> Result<()> {
        gaps.extend(pack.objection().map(|fault| Gap::new(shown(path), fault)));
        let forest = Forest::of(&pack);
        for (entry, fault) in forest.unreachable() {
            gaps.push(Gap::new(format!("object {}", hex(pack.name(entry))), fault));
        }
        let first = self.claim(pack.len() as usize)?;
        let prefixes = Prefixes::of(pack.index());
        self.packs.push(Packed { pack, forest, own, first, prefixes });
        Ok(())
    }

    fn claim(&mut self, count: usize) -> Result<Number> {
        let first = self.count;
        let last = u32::try_from(count).ok().and_then(|count| first.checked_add(count));
        self.count = last.ok_or_else(|| Error::new("more than four billion objects are too many for keyward"))?;
        Ok(first)
    }

    /// Bytes of a name.
    #[must_use]
    pub fn hash_len(&self) -> usize {
        self.hash_len
    }

    /// Do all objects lie in one place, so that none can be stored twice?
    #[must_use]
    pub fn is_single(&self) -> bool {
        let folders = self.loose.iter().filter(|loose| !loose.names.is_empty()).count();
        self.packs.len() + folders <= 1
    }

    /// The packs.
    #[must_use]
    pub fn packs(&self) -> &[Packed] {
        &self.packs
    }

    /// The loose objects, folder by folder.
    #[must_use]
    pub fn loose(&self) -> &[Loose] {
        &self.loose
    }

    /// How many objects there are, one that is stored twice counted twice.
    #[must_use]
    pub fn count(&self) -> Number {
        self.count
    }

    /// The number of the object called `name`; of one that is stored twice, always the same.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<Number> {
        let packed = self.packs.iter().find_map(|packed| packed.find(name));
        packed.or_else(|| self.loose.iter().find_map(|loose| loose.find(name)))
    }

    /// The one number of an object that is stored more than once.
    #[must_use]
    pub fn canonical(&self, number: Number) -> Number {
        if self.is_single() {
            return number;
        }
        self.find(self.name(number).as_bytes()).unwrap_or(number)
    }

    /// The name of an object.
    ///
    /// # Panics
    /// Where there is no object of this number.
    #[must_use]
    pub fn name(&self, number: Number) -> Oid {
        match self.place(number) {
            Place::Packed(packed, position) => {
                Oid::from_bytes(packed.pack.index().name(position)).expect("an index has names of a known length")
            }
            Place::Loose(loose, at) => loose.names[at],
        }
    }

    /// The content of an object that fits into memory.
    ///
    /// # Errors
    /// Where it does not fit or cannot be read.
    pub fn read(&self, number: Number) -> Result<Vec<u8>> {
        self.read_with_kind(number).map(|(_, content)| content)
    }

    /// The same, and what it is.
    ///
    /// # Errors
    /// Where it does not fit or cannot be read.
    pub fn read_with_kind(&self, number: Number) -> Result<(Kind, Vec<u8>)> {
        let failed = |cause: &dyn std::fmt::Display| {
            Error::new(format!("could not read object {}", self.name(number))).because(cause)
        };
        match self.place(number) {
            Place::Packed(packed, position) => {
                let entry = packed.entry_at(position).ok_or_else(|| failed(&Fault::Header))?;
                let kind = packed.forest.kind(entry).ok_or_else(|| failed(&Fault::BaseUnreadable))?;
                match Workshop::default().object(&packed.pack, &packed.forest, entry) {
                    Ok(content) => Ok((kind, content)),
                    Err(Made::Faulty(fault)) => Err(failed(&fault)),
                    Err(Made::TooLarge) => Err(failed(&"it is too large")),
                }
            }
            Place::Loose(loose, at) => {
                let read = |kind, size, content: &mut dyn Read| Ok((kind, whole(size, content)?));
                loose::read(&loose.folder, &loose.names[at], read).map_err(|error| failed(&error))
            }
        }
    }

    fn place(&self, number: Number) -> Place<'_> {
        let pack = self.packs.iter().rev().find(|packed| packed.first <= number);
        let packed = pack.filter(|packed| number - packed.first < packed.pack.len());
        if let Some(packed) = packed {
            return Place::Packed(packed, number - packed.first);
        }
        let loose = self
            .loose
            .iter()
            .rev()
            .find(|loose| loose.first <= number && ((number - loose.first) as usize) < loose.names.len());
        let loose = loose.expect("every number lies in a pack or among the loose objects");
        Place::Loose(loose, (number - loose.first) as usize)
    }
}

enum Place<'o> {
    Packed(&'o Packed, u32),
    Loose(&'o Loose, usize),
}

/// Reads an object of `size` bytes whole, if it is one of those that are held in memory.
///
/// # Errors
/// Where it is not, and what reading reports.
pub fn whole(size: u64, content: &mut dyn Read) -> io::Result<Vec<u8>> {
    if size > HELD {
        return Err(io::Error::other("it is too large"));
    }
    let mut bytes = Vec::new();
    content.read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Packed {
    /// The number of an entry's object.
    #[must_use]
    pub fn number(&self, entry: Entry) -> Number {
        self.first + self.pack.position(entry)
    }

    fn find(&self, name: &[u8]) -> Option<Number> {
        let range = self.prefixes.range_of(name)?;
        let guess = u16::from_be_bytes([*name.get(2)?, *name.get(3)?]);
        self.pack.index().find_near(name, range, guess).map(|position| self.first + position)
    }

    fn entry_at(&self, position: u32) -> Option<Entry> {
        self.pack.at(self.pack.index().offset(position).ok()?)
    }
}

impl Loose {
    /// The number of the loose object at `at`.
    ///
    /// # Panics
    /// Where there are more than four billion.
    #[must_use]
    pub fn number(&self, at: usize) -> Number {
        self.first + u32::try_from(at).expect("the objects were counted in 32 bits")
    }

    fn find(&self, name: &[u8]) -> Option<Number> {
        self.names.binary_search_by(|known| known.as_bytes().cmp(name)).ok().map(|at| self.number(at))
    }
}

/// Where the names of an index begin that start with the same two bytes. Its own table tells one byte apart; a tree
/// pass looks up millions of names, and every step of a search is a cache line that is not there.
#[derive(Debug)]
struct Prefixes(Vec<u32>);

impl Prefixes {
    fn of(index: &Index) -> Self {
        let mut starts = vec![index.len(); (1 << 16) + 1];
        let mut next = 0;
        for position in 0..index.len() {
            let prefix = prefix_of(index.name(position));
            if prefix >= next {
                starts[next..=prefix].fill(position);
                next = prefix + 1;
            }
        }
        Self(starts)
    }

    fn range_of(&self, name: &[u8]) -> Option<std::ops::Range<u32>> {
        let prefix = prefix_of(name);
        Some(*self.0.get(prefix)?..*self.0.get(prefix + 1)?)
    }
}

fn prefix_of(name: &[u8]) -> usize {
    usize::from(name[0]) << 8 | usize::from(name[1])
}

/// The packs in `folder` with their indexes: each one's own, or the part of the multi-pack-index that speaks of it.
fn indexes(folder: &Path, hash_len: usize, gaps: &mut Vec<Gap>) -> Vec<(PathBuf, Index)> {
    let mut packs: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(files) => files.flatten().map(|file| file.path()).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            gaps.push(Gap::new(shown(folder), error));
            Vec::new()
        }
    };
    packs.retain(|path| path.extension().is_some_and(|extension| extension == "pack"));
    packs.sort();
    let mut shared = None;
    let mut found = Vec::new();
    for path in packs {
        let own = path.with_extension("idx");
        let index = if own.exists() {
            Index::open(&own, hash_len)
        } else {
            let shared = shared.get_or_insert_with(|| multi_pack_index(folder, hash_len));
            let name = own.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            shared.remove(&name).ok_or_else(|| io::Error::other("it has no index"))
        };
        match index {
            Ok(index) => found.push((path, index)),
            Err(error) => gaps.push(Gap {
                hint: Some(format!("git index-pack {} makes its index anew", path.display())),
                ..Gap::new(shown(&path), error)
            }),
        }
    }
    found
}

fn multi_pack_index(folder: &Path, hash_len: usize) -> BTreeMap<String, Index> {
    // One that cannot be read leaves its packs without an index, and that is said of each of them.
    index::from_multi_pack_index(&folder.join("multi-pack-index"), hash_len).unwrap_or_default()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A name in hexadecimal.
fn hex(name: &[u8]) -> String {
    Oid::from_bytes(name).map_or_else(String::new, |name| name.to_string())
}
