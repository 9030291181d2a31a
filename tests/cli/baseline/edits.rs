//! Random edits of a repository whose credentials are accepted: whatever is inserted, moved, renamed, indented or encoded anew,
//! nothing that was accepted comes back, and everything that is new is found.

use crate::support::{Folder, Key, Random, Run};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

const EDITS: usize = 50;

/// What a file holds, and how it is written.
#[derive(Debug, Clone)]
struct Document {
    path: String,
    blocks: Vec<Block>,
    indent: usize,
    form: Form,
}

#[derive(Debug, Clone)]
enum Block {
    Text(String),
    Pair(Key, usize),
    Secret(Key),
    Id(Key),
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Plain,
    Crlf,
    Utf16Le,
    Utf16Be,
    Base64,
    Json,
    Percent,
}

const FORMS: [Form; 7] =
    [Form::Plain, Form::Crlf, Form::Utf16Le, Form::Utf16Be, Form::Base64, Form::Json, Form::Percent];

/// Ways to write a pair.
const STYLES: usize = 5;

impl Block {
    fn lines(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Pair(Key { id, secret }, style) => match style {
                0 => format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}"),
                1 => format!("access_key: {id}\nsecret_key: \"{secret}\""),
                2 => format!("\"accessKeyId\": \"{id}\",\n\"secretAccessKey\": \"{secret}\","),
                3 => format!("[profile]\naws_access_key_id = {id}\naws_secret_access_key = {secret}"),
                _ => format!("client(aws_access_key_id='{id}', aws_secret_access_key='{secret}')"),
            },
            Self::Secret(key) => format!("aws_secret_access_key = {}", key.secret),
            Self::Id(key) => format!("key id: {}", key.id),
        }
    }

    /// What of it is a value.
    fn values(&self) -> Vec<String> {
        match self {
            Self::Text(_) => vec![],
            Self::Pair(key, _) => vec![key.id.clone(), key.secret.clone()],
            Self::Secret(key) => vec![key.secret.clone()],
            Self::Id(key) => vec![key.id.clone()],
        }
    }
}

impl Document {
    fn bytes(&self) -> Vec<u8> {
        let lines: Vec<String> = self.blocks.iter().map(Block::lines).collect();
        let indent = " ".repeat(self.indent);
        let text: String = lines.join("\n").lines().flat_map(|line| [&indent, line, "\n"].map(str::to_owned)).collect();
        let wide = |mark: char, bytes: fn(u16) -> [u8; 2]| {
            let text: String = std::iter::once(mark).chain(text.chars()).collect();
            text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
        };
        match self.form {
            Form::Plain => text.into_bytes(),
            Form::Crlf => text.replace('\n', "\r\n").into_bytes(),
            Form::Utf16Le => wide('\u{feff}', u16::to_le_bytes),
            Form::Utf16Be => wide('\u{feff}', u16::to_be_bytes),
            Form::Base64 => {
                let encoded = STANDARD.encode(text);
                let lines = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap());
                format!("data:\n{}\n", lines.collect::<Vec<_>>().join("\n")).into_bytes()
            }
            Form::Json => {
                format!("{{\"file\": {}}}\n", serde_json::json!(text).to_string().replace('/', "\\/")).into_bytes()
            }
            Form::Percent => text.replace('/', "%2F").replace('+', "%2B").into_bytes(),
        }
    }
}

/// A repository and what it should hold.
struct World {
    here: Folder,
    random: Random,
    documents: Vec<Document>,
    /// Values that were there when all was accepted.
    accepted: BTreeSet<String>,
    /// Values that came since, ever.
    planted: BTreeSet<String>,
    next: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            here: Folder::repository(),
            random: Random(seed | 1),
            documents: Vec::new(),
            accepted: BTreeSet::new(),
            planted: BTreeSet::new(),
            next: seed * 1000,
        };
        for number in 0..6 {
            let blocks = (0..2 + number % 3).flat_map(|_| [world.text(), world.credential()]).collect();
            world.documents.push(Document {
                path: format!("folder{}/file{number}", number % 3),
                blocks,
                indent: 0,
                form: Form::Plain,
            });
        }
        world.accepted = world.values();
        world.write();
        let run = world.here.keyward(&["baseline", "create"]);
        assert_eq!(run.status, 0, "{}", run.err);
        world.here.git(&["add", "--all"]);
        world.here.commit();
        world
    }

    fn key(&mut self) -> Key {
        self.next += 1;
        Key::new(self.next)
    }

    fn credential(&mut self) -> Block {
        let key = self.key();
        match self.random.below(6) {
            0 => Block::Secret(key),
            1 => Block::Id(key),
            _ => Block::Pair(key, self.random.below(STYLES)),
        }
    }

    fn text(&mut self) -> Block {
        let words = ["port = 8080", "# see the wiki", "name: service", "", "retries=3", "{ \"a\": [1, 2] }"];
        let count = 1 + self.random.below(12);
        let lines: Vec<&str> = (0..count).map(|_| words[self.random.below(words.len())]).collect();
        Block::Text(lines.join("\n"))
    }

    /// All values of the documents.
    fn values(&self) -> BTreeSet<String> {
        self.documents.iter().flat_map(|document| &document.blocks).flat_map(Block::values).collect()
    }

    fn write(&self) {
        for folder in ["folder0", "folder1", "folder2", "moved"] {
            let _ = std::fs::remove_dir_all(self.here.at(folder));
        }
        for document in &self.documents {
            self.here.write(&document.path, document.bytes());
        }
    }

    /// Changes something, and says what.
    fn edit(&mut self) -> String {
        let at = self.random.below(self.documents.len());
        let place = self.random.below(self.documents[at].blocks.len() + 1);
        match self.random.below(9) {
            0 | 1 => {
                let text = self.text();
                self.documents[at].blocks.insert(place, text);
                format!("insert lines into {at} at {place}")
            }
            2 => {
                let block = self.documents[at].blocks.pop().unwrap();
                let to = self.random.below(self.documents.len());
                let place = self.random.below(self.documents[to].blocks.len() + 1);
                self.documents[to].blocks.insert(place, block);
                if self.documents[at].blocks.is_empty() {
                    let text = self.text();
                    self.documents[at].blocks.push(text);
                }
                format!("move the end of {at} to {to}")
            }
            3 => {
                self.next += 1;
                self.documents[at].path = format!("moved/{}/name {}.txt", self.random.below(3), self.next);
                format!("rename {at}")
            }
            4 => {
                self.documents[at].indent = self.random.below(9);
                format!("indent {at}")
            }
            5 => {
                self.documents[at].form = FORMS[self.random.below(FORMS.len())];
                format!("encode {at} as {:?}", self.documents[at].form)
            }
            6 => {
                for block in &mut self.documents[at].blocks {
                    if let Block::Pair(_, style) = block {
                        *style = self.random.below(STYLES);
                    }
                }
                format!("write the pairs of {at} in another style")
            }
            7 => {
                let new = self.credential();
                let new_values = new.values();
                self.planted.extend(new_values.clone());
                self.documents[at].blocks.insert(place, new);
                format!("plant {new_values:?} in {at} at {place}")
            }
            _ => {
                let planted = self.planted.clone();
                let is_new = |block: &Block| block.values().iter().any(|value| planted.contains(value));
                self.documents.iter_mut().for_each(|document| document.blocks.retain(|block| !is_new(block)));
                for document in &mut self.documents {
                    if document.blocks.is_empty() {
                        document.blocks.push(Block::Text("empty".to_owned()));
                    }
                }
                "take all out that was planted".to_owned()
            }
        }
    }

    /// The values of each finding that stands.
    fn standing(&self, arguments: &[&str]) -> (Vec<BTreeSet<String>>, Run) {
        let run = self.here.scan(&[arguments, &["--show-secrets"]].concat());
        let findings = run.objects().into_iter().filter(|object| object["type"] == "finding");
        let standing = findings.filter(|finding| finding["suppressed_by"].is_null());
        let values = |finding: serde_json::Value| {
            ["secret", "key_id"].iter().filter_map(|part| finding[part].as_str().map(str::to_owned)).collect()
        };
        (standing.map(values).collect(), run)
    }

    /// Nothing stands that holds accepted values alone, and all that is `new` stands.
    fn check(&self, arguments: &[&str], new: &BTreeSet<String>, story: &[String]) {
        let (standing, run) = self.standing(arguments);
        assert_ne!(run.status, 2, "{}", run.err);
        for values in &standing {
            assert!(!values.is_subset(&self.accepted), "false alarm over {values:?} in {arguments:?} after {story:#?}");
        }
        let seen: BTreeSet<String> = standing.into_iter().flatten().collect();
        let missed: Vec<_> = new.difference(&seen).collect();
        assert!(missed.is_empty(), "missed {missed:?} in {arguments:?} after {story:#?}");
    }
}

#[test]
fn random_edits_bring_no_false_alarm_and_hide_nothing_new() {
    for seed in 1..=2 {
        let mut world = World::new(seed);
        let mut story = vec![format!("seed {seed}")];
        world.check(&[], &BTreeSet::new(), &story);
        for _ in 0..EDITS {
            story.push(world.edit());
            world.write();
            let new: BTreeSet<String> = world.values().difference(&world.accepted).cloned().collect();
            world.check(&[], &new, &story);
            world.here.git(&["add", "--all"]);
            world.check(&["--staged"], &BTreeSet::new(), &story);
            world.here.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "--message", "edit"]);
        }
        world.check(&["--history"], &world.planted, &story);
    }
}
