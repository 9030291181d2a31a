//! Where a repository keeps its objects, and what refers to them: asked of git, so that every layout and every ref
//! format is understood, and read without it.

use super::batch::Reader;
use super::local::Local;
use super::oid::Oid;
use super::record::{Record, is_file};
use super::{answer, git_in, lines, not_a_repository, output, reflog, succeeded};
use crate::error::{Error, Result};
use bstr::{BString, ByteSlice, ByteVec};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository's store of objects.
#[derive(Debug, Clone)]
pub struct Store {
    /// Where git runs; nothing for the working directory and what the environment says.
    folder: Option<PathBuf>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    objects: PathBuf,
    hash_len: usize,
    shallow: bool,
}

/// A ref, or another name for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// Its full name.
    pub name: BString,
    /// What it names.
    pub target: Oid,
}

impl Store {
    /// The store of the repository at `folder`, or of the working directory's.
    ///
    /// # Errors
    /// Where there is none, or git refuses it.
    pub fn find(folder: Option<&Path>) -> Result<Self> {
        Self::find_both(folder).map(|(store, _)| store)
    }

    /// The same, and the repository through libgit2, where that does not refuse it.
    ///
    /// # Errors
    /// Those of [`Store::find`].
    pub fn find_both(folder: Option<&Path>) -> Result<(Self, Option<Local>)> {
        let base = folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        if !base.is_dir() {
            return Err(Error::new(format!("'{}' is not a folder", base.display()))
                .hint("keyward scan --history takes the folder of a repository"));
        }
        match Local::open(folder) {
            Some(local) => Ok((Self::of(&local, folder), Some(local))),
            None => Ok((Self::ask_git(folder, &base)?, None)),
        }
    }

    /// The store of a repository that libgit2 reads.
    fn of(local: &Local, folder: Option<&Path>) -> Self {
        let repository = local.repository();
        Self {
            folder: folder.map(Path::to_path_buf),
            git_dir: repository.path().to_path_buf(),
            common_dir: repository.commondir().to_path_buf(),
            objects: local.objects_folder(),
            hash_len: 20,
            shallow: repository.is_shallow(),
        }
    }

    fn ask_git(folder: Option<&Path>, base: &Path) -> Result<Self> {
        let arguments = ["rev-parse", "--git-dir", "--git-common-dir", "--git-path", "objects", "--show-object-format"];
        let answer = output(git_in(folder), &[&arguments[..], &["--is-shallow-repository"]].concat());
        let answer =
            answer.map_err(|error| if error.is_about("not a git repository") { not_a_repository() } else { error })?;
        let lines: Vec<&[u8]> = answer.lines().collect();
        let [git_dir, common_dir, objects, format, shallow] = lines[..] else {
            return Err(Error::new("git rev-parse answered in a form that keyward does not know"));
        };
        let path = |line: &[u8]| base.join(Vec::from(line).into_path_buf_lossy());
        let hash_len = match format {
            b"sha1" => 20,
            b"sha256" => 32,
            other => {
                return Err(Error::new(format!("keyward does not know the object format '{}'", other.as_bstr())));
            }
        };
        Ok(Self {
            folder: folder.map(Path::to_path_buf),
            git_dir: path(git_dir),
            common_dir: path(common_dir),
            objects: path(objects),
            hash_len,
            shallow: shallow == b"true",
        })
    }

    pub(super) fn git(&self) -> Command {
        git_in(self.folder.as_deref())
    }

    /// The folder of its own objects.
    #[must_use]
    pub fn objects(&self) -> &Path {
        &self.objects
    }

    /// Bytes of an object's name.
    #[must_use]
    pub fn hash_len(&self) -> usize {
        self.hash_len
    }

    /// The commits at which a shallow clone ends; their parents are not here.
    ///
    /// # Errors
    /// Where the list cannot be read.
    pub fn shallow_commits(&self) -> Result<BTreeSet<Oid>> {
        if !self.shallow {
            return Ok(BTreeSet::new());
        }
        let path = self.common_dir.join("shallow");
        let list = std::fs::read(&path).map_err(|error| Error::new("could not read .git/shallow").because(error))?;
        Ok(list.lines().filter_map(Oid::from_hex).collect())
    }

    /// The object folders that it borrows from.
    ///
    /// # Errors
    /// Where git cannot be asked.
    pub fn alternates(&self) -> Result<Vec<PathBuf>> {
        let listing = output(self.git(), &["count-objects", "-v"])?;
        let paths = listing.lines().filter_map(|line| line.strip_prefix(b"alternate: "));
        paths
            .map(|path| match path.first() {
                Some(b'"') => {
                    Err(Error::new(format!("keyward does not take the path {} as an alternate", path.as_bstr())))
                }
                _ => Ok(Vec::from(path).into_path_buf_lossy()),
            })
            .collect()
    }

    /// All refs, with the HEADs of all work trees.
    ///
    /// # Errors
    /// Where git cannot read them.
    pub fn refs(&self) -> Result<Vec<Ref>> {
        let listing = output(self.git(), &["for-each-ref", "--format=%(objectname) %(refname)"])?;
        let refs = listing.lines().map(|line| parse_ref(line).ok_or_else(unknown_form));
        let mut refs = refs.collect::<Result<Vec<_>>>()?;
        refs.extend(self.head()?.map(|target| Ref { name: "HEAD".into(), target }));
        let work_trees = std::fs::read_dir(self.common_dir.join("worktrees")).into_iter().flatten().flatten();
        for work_tree in work_trees {
            let name = BString::from(Vec::from_os_string(work_tree.file_name()).unwrap_or_default());
            // A HEAD that names a branch is among the refs already.
            let head = std::fs::read(work_tree.path().join("HEAD")).unwrap_or_default();
            let target = Oid::from_hex(head.trim_ascii());
            let name = BString::from([b"worktrees/", &name[..], b"/HEAD"].concat());
            refs.extend(target.map(|target| Ref { name, target }));
        }
        Ok(refs)
    }

    /// The commit of HEAD; nothing before the first commit.
    ///
    /// # Errors
    /// Where git cannot be run.
    pub fn head(&self) -> Result<Option<Oid>> {
        let head = output(self.git(), &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
        Ok(head.ok().and_then(|head| Oid::from_hex(head.trim_ascii())))
    }

    /// The blobs in the index.
    #[must_use]
    pub fn index(&self) -> BTreeSet<Oid> {
        // `MODE OID STAGE TAB PATH`; a bare repository has no index.
        let listing = output(self.git(), &["ls-files", "--stage", "-z"]).unwrap_or_default();
        let records = listing.split(|&byte| byte == 0);
        records.filter_map(|record| Oid::from_hex(record.split(|&byte| byte == b' ').nth(1)?)).collect()
    }

    /// How many submodules HEAD has.
    #[must_use]
    pub fn submodules(&self) -> u64 {
        // Before the first commit there is no HEAD, and no submodule.
        let listing = output(self.git(), &["ls-tree", "-r", "-z", "HEAD"]).unwrap_or_default();
        listing.split(|&byte| byte == 0).filter(|entry| entry.starts_with(b"160000 ")).count() as u64
    }

    /// The files of the commit or tree that `revision` means: their blobs, each with a path.
    ///
    /// # Errors
    /// Where it means nothing that is here, or no tree.
    pub fn files(&self, revision: &str) -> Result<Vec<(Oid, BString)>> {
        let tree = self.object(revision)?.to_string();
        let listing = output(self.git(), &["ls-tree", "-r", "-z", "--full-tree", &tree])?;
        let entries = listing.split(|&byte| byte == 0).filter(|entry| !entry.is_empty());
        let files = entries.filter(|entry| !entry.starts_with(b"160000 "));
        files.map(|entry| parse_entry(entry).ok_or_else(unknown_form)).collect()
    }

    /// What reflogs still hold, as people name it (`HEAD@{3}`, `stash@{1}`), the newest first.
    #[must_use]
    pub fn reflogs(&self) -> Vec<Ref> {
        let mut entries = Vec::new();
        let mut folders = vec![self.git_dir.join("logs")];
        if self.common_dir != self.git_dir {
            folders.push(self.common_dir.join("logs"));
        }
        for folder in folders {
            reflog::read(&folder, &BString::default(), &mut entries);
        }
        entries
    }

    /// Does it leave objects to a remote that promised them?
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let packs = std::fs::read_dir(self.objects.join("pack")).into_iter().flatten().flatten();
        packs.into_iter().any(|file| file.path().extension().is_some_and(|extension| extension == "promisor"))
    }

    /// The object that `name` means.
    ///
    /// # Errors
    /// Where it means none that is here, with what to type.
    pub fn object(&self, name: &str) -> Result<Oid> {
        self.is_unmistakable(name)?;
        let wanted = format!("{name}^{{object}}");
        let found = output(self.git(), &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
        // What older versions of git print back is no name.
        let line = found.ok().and_then(|lines| Oid::from_hex(lines.lines().next_back()?));
        line.ok_or_else(|| {
            let unknown = Error::new(format!("unknown commit '{name}'"));
            if self.shallow {
                unknown
                    .because("this clone is shallow")
                    .hint("git fetch --unshallow, or fetch-depth: 0 in actions/checkout")
            } else {
                unknown.hint("git fetch brings what the remote has; git log --oneline shows what is here")
            }
        })
    }

    /// Does the name mean what it says? Whoever can push a tag can call it `origin/main`, or `refs/remotes/origin/main`,
    /// and git takes a tag first.
    fn is_unmistakable(&self, name: &str) -> Result<()> {
        let base = name.split(['~', '^', '@', '{', ':']).next().unwrap_or_default();
        if base.is_empty() || Oid::from_hex(base.as_bytes()).is_some() {
            return Ok(());
        }
        if base.starts_with("refs/") {
            let is_there = !self.refs_called(&[base.to_owned()])?.is_empty();
            return is_there.then_some(()).ok_or_else(|| {
                Error::new(format!("unknown ref '{base}'")).hint("git for-each-ref names those that are here")
            });
        }
        let found =
            self.refs_called(&["refs/heads/", "refs/remotes/", "refs/tags/"].map(|start| format!("{start}{base}")))?;
        match found.len() {
            0 | 1 => Ok(()),
            _ => Err(Error::new(format!("'{base}' may mean {}", found.join(" or "))).hint("give the whole name")),
        }
    }

    /// Those of `names` that are refs: git's patterns match folders of refs, too.
    fn refs_called(&self, names: &[String]) -> Result<Vec<String>> {
        let patterns = names.iter().map(String::as_str);
        let arguments: Vec<&str> = ["for-each-ref", "--format=%(refname)", "--"].into_iter().chain(patterns).collect();
        let listing = output(self.git(), &arguments)?;
        let found = listing.lines().map(|line| line.to_str_lossy().into_owned());
        Ok(found.filter(|name| names.contains(name)).collect())
    }

    /// The same repository through libgit2; nothing where that refuses it.
    #[must_use]
    pub fn local(&self) -> Option<Local> {
        Local::open(self.folder.as_deref())
    }

    /// How each of `commits` changes the trees of its parents, in the order of `commits`.
    ///
    /// # Errors
    /// Where git cannot read them.
    pub fn changes(&self, commits: &[Oid]) -> Result<Vec<CommitChange>> {
        let arguments =
            ["diff-tree", "--stdin", "-r", "-m", "--root", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"];
        let mut git = self.git();
        git.args(arguments);
        let listing = succeeded("diff-tree", answer(git, lines(commits))?)?;
        parse_changes(&listing).ok_or_else(unknown_form)
    }

    /// Reads objects one after the other.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(self.folder.clone())
    }
}

/// A file that a commit changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitChange {
    /// The commit.
    pub commit: Oid,
    /// The path.
    pub path: BString,
    /// The parent's blob.
    pub old: Option<Oid>,
    /// The commit's blob.
    pub new: Option<Oid>,
}

pub(super) fn unknown_form() -> Error {
    Error::new("git answered in a form that keyward does not know")
}

/// Parses `MODE TYPE OID TAB PATH`.
fn parse_entry(entry: &[u8]) -> Option<(Oid, BString)> {
    let (head, path) = entry.split_once_str(b"\t")?;
    Some((Oid::from_hex(head.rsplit(|&byte| byte == b' ').next()?)?, path.into()))
}

fn parse_ref(line: &[u8]) -> Option<Ref> {
    let (target, name) = line.split_once_str(b" ")?;
    Some(Ref { name: name.into(), target: Oid::from_hex(target)? })
}

/// Parses the lines of commits and, below each, its `:MODE MODE OID OID STATUS NUL PATH NUL` records.
fn parse_changes(listing: &[u8]) -> Option<Vec<CommitChange>> {
    let mut changes = Vec::new();
    let mut commit = None;
    let mut fields = listing.split(|&byte| byte == 0).filter(|field| !field.is_empty());
    while let Some(field) = fields.next() {
        let Some(record) = field.strip_prefix(b":") else {
            // With -m the commit's name stands before each parent's part, and without -z's care for it.
            commit = Some(Oid::from_hex(field.trim_ascii())?);
            continue;
        };
        let path = fields.next()?.into();
        let Record { old_mode, new_mode, old, new, .. } = Record::parse(record)?;
        let blob = |mode: &str, name| if is_file(mode) { Oid::from_hex(name) } else { None };
        changes.push(CommitChange { commit: commit?, path, old: blob(old_mode, old), new: blob(new_mode, new) });
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(digit: char) -> Oid {
        Oid::from_hex(digit.to_string().repeat(40).as_bytes()).expect("well-formed")
    }

    #[test]
    fn changes_belong_to_the_commit_before_them() {
        let (a, b, c, zero) = (oid('a'), oid('b'), oid('c'), oid('0'));
        let listing = format!(
            "{c}\0:000000 100644 {zero} {a} A\0x\0{b}\0:100644 100644 {a} {c} M\0y\0:160000 000000 {a} {zero} D\0sub\0"
        );
        let change = |commit, path: &str, old, new| CommitChange { commit, path: path.into(), old, new };
        let expected =
            vec![change(c, "x", None, Some(a)), change(b, "y", Some(a), Some(c)), change(b, "sub", None, None)];
        assert_eq!(parse_changes(listing.as_bytes()), Some(expected));
    }
}
