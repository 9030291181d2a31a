//! The law of `fuzz_targets/encodings.rs`: in whatever way a key ID and its secret are written, and whatever stands
//! around them, both are found or dismissed for a reason; where nothing stands around them, they are joined, and
//! nothing else is found.
//!
//! The surroundings are any bytes, parted from the credentials by a line break or a space. Nothing keeps them from
//! holding half a credential, an unfinished escape or base64; that is the point.

use crate::{Reached, dismissed, examine_large, found};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::detect::found::Credential;
use keyward::examine::Examined;
use std::fmt::Write as _;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PREFIXES: [&str; 4] = ["AKIA", "ASIA", "ABIA", "ACCA"];

/// A way of writing credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Wide {
        width: usize,
        big: bool,
        mark: bool,
    },
    Base64,
    /// With line breaks after so many characters.
    Wrapped(usize),
    Base64OfBase64,
    Percent,
    Json,
    Xml,
    QuotedPrintable,
    Literals,
}

const WAYS: [Way; 16] = [
    Way::Plain,
    Way::Wide { width: 2, big: false, mark: false },
    Way::Wide { width: 2, big: false, mark: true },
    Way::Wide { width: 2, big: true, mark: false },
    Way::Wide { width: 2, big: true, mark: true },
    Way::Wide { width: 4, big: false, mark: false },
    Way::Wide { width: 4, big: true, mark: false },
    Way::Base64,
    Way::Wrapped(64),
    Way::Wrapped(76),
    Way::Base64OfBase64,
    Way::Percent,
    Way::Json,
    Way::Xml,
    Way::QuotedPrintable,
    Way::Literals,
];

/// What an input stands for.
#[derive(Debug)]
struct Case<'i> {
    way: Way,
    /// Chooses among the spellings of a way.
    style: usize,
    /// Are the surroundings encoded as well, where the way encodes whole texts?
    all: bool,
    id: String,
    secret: String,
    before: &'i [u8],
    behind: &'i [u8],
    /// What parts the surroundings from the credentials.
    boundary: &'static [u8],
}

impl<'i> Case<'i> {
    /// The first byte chooses the way, then come the style, the key ID, the secret, and where in the rest the
    /// credentials stand; nothing if that is too short.
    fn read(input: &'i [u8]) -> Option<Self> {
        let (&[way, style, flags], input) = input.split_first_chunk()?;
        let (body, input) = input.split_first_chunk::<16>()?;
        let (secret, input) = input.split_first_chunk::<40>()?;
        let (&[place], rest) = input.split_first_chunk()?;
        let (before, behind) = rest.split_at(rest.len() * usize::from(place) / 255);
        let way = WAYS[usize::from(way) % WAYS.len()];
        // Base64 of base64 has doors for access keys only; see `prefilter::literal_doors`.
        let prefixes = if way == Way::Base64OfBase64 { 2 } else { PREFIXES.len() };
        let body = body.iter().map(|&byte| char::from(BASE32[usize::from(byte) % 32]));
        let id = PREFIXES[usize::from(flags >> 2) % prefixes].chars().chain(body).collect();
        let secret = secret.iter().map(|&byte| char::from(BASE64[usize::from(byte) % 64])).collect();
        let boundary: &[u8] = if flags & 1 == 0 { b"\n" } else { b" " };
        Some(Self { way, style: usize::from(style), all: flags & 2 != 0, id, secret, before, behind, boundary })
    }

    fn text(&self) -> Vec<u8> {
        if self.all {
            let text = self.surround(self.credentials().as_bytes());
            return self.encode(&text);
        }
        self.surround(&self.encode(self.credentials().as_bytes()))
    }

    /// Both boundaries stand there only if something stands beyond them.
    fn surround(&self, text: &[u8]) -> Vec<u8> {
        let [start, end] = [self.before, self.behind].map(|side| if side.is_empty() { b"" } else { self.boundary });
        [self.before, start, text, end, self.behind].concat()
    }

    /// The credentials as a text of their format, with the values written in that format's way.
    fn credentials(&self) -> String {
        let (id, style) = (&self.id, self.style);
        match self.way {
            Way::Percent => {
                let equals = ["=", "%3D", "%3d", "%253D"][style / 4 % 4];
                let secret = self.escaped(["%2B %2F", "%2b %2f", "%252B %252F", "%252b %252f"][style % 4]);
                format!("aws_access_key_id{equals}{id}&aws_secret_access_key{equals}{secret}\n")
            }
            Way::Json => {
                let secret = self.escaped([r"\u002B \u002F", r"\u002b \u002f", r"+ \/", r"\u002b \/"][style % 4]);
                if style & 4 != 0 {
                    let equals = [r"\u003d", r"\x3d", r"\u003D", r"\x3D"][style / 8 % 4];
                    return format!(r#""aws_access_key_id{equals}{id}\naws_secret_access_key{equals}{secret}""#);
                }
                format!(r#"{{"aws_access_key_id": "{id}", "aws_secret_access_key": "{secret}"}}"#)
            }
            Way::Xml => {
                let secret = self.escaped(["&#43; &#47;", "&#x2B; &#x2F;", "&plus; &sol;", "&#x2b; /"][style % 4]);
                format!("<aws_access_key_id>{id}</aws_access_key_id><aws_secret_access_key>{secret}</x>\n")
            }
            // Only soft line breaks: mailers escape neither `+` nor `/`, and where a mail escapes letters, a
            // leading one cannot be told from an assignment (`key=2Fa`).
            Way::QuotedPrintable => {
                let (head, tail) = self.secret.split_at(1 + style / 4 % 39);
                let soft = ["=\n", "=\r\n"][style % 2];
                let equals = ["=3D", " =3D "][style / 2 % 2];
                format!("aws_access_key_id{equals}{id}\naws_secret_access_key{equals}{head}{soft}{tail}\n")
            }
            // The prefix is the door, so it stays whole. The last literal ends a statement: without the `;`, a
            // quote at the start of the surroundings would be one more literal of the same value.
            Way::Literals => {
                let joint = ["\" + \"", "\" \"", "\"\n    \"", "\" +\n  \"", "\" . \"", "\" \\\n  \""][style % 6];
                let (id_head, id_tail) = id.split_at(4 + style / 6 % 16);
                let (head, tail) = self.secret.split_at(1 + style % 39);
                let id = format!("aws_access_key_id = \"{id_head}{joint}{id_tail}\";");
                format!("{id}\naws_secret_access_key = \"{head}{joint}{tail}\";\n")
            }
            Way::Plain | Way::Wide { .. } | Way::Base64 | Way::Wrapped(_) | Way::Base64OfBase64 => {
                format!("aws_access_key_id = {id}\naws_secret_access_key = {}\n", self.secret)
            }
        }
    }

    /// The secret with its `+` and `/` written as `spellings` say.
    fn escaped(&self, spellings: &str) -> String {
        let (plus, slash) = spellings.split_once(' ').unwrap_or_default();
        let mut escaped = String::new();
        for letter in self.secret.chars() {
            match letter {
                '+' => escaped.push_str(plus),
                '/' => escaped.push_str(slash),
                letter => escaped.push(letter),
            }
        }
        escaped
    }

    /// `text` in a way that encodes whole texts.
    fn encode(&self, text: &[u8]) -> Vec<u8> {
        match self.way {
            Way::Wide { width, big, mark } => wide(text, width, big, mark),
            Way::Base64 => STANDARD.encode(text).into_bytes(),
            Way::Wrapped(columns) => {
                let line_break = ["\n", "\r\n", "\n  ", "\\n"][self.style % 4];
                let text = STANDARD.encode(text).into_bytes();
                text.chunks(columns).collect::<Vec<_>>().join(line_break.as_bytes())
            }
            Way::Base64OfBase64 => STANDARD.encode(STANDARD.encode(text)).into_bytes(),
            Way::Plain | Way::Percent | Way::Json | Way::Xml | Way::QuotedPrintable | Way::Literals => text.to_vec(),
        }
    }
}

/// Every byte as a code point of `width` bytes.
fn wide(text: &[u8], width: usize, big: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    let letters = mark.into_iter().chain(text.iter().map(|&byte| u32::from(byte)));
    letters
        .flat_map(|letter| {
            let (little, large) = (letter.to_le_bytes(), letter.to_be_bytes());
            if big { large[4 - width..].to_vec() } else { little[..width].to_vec() }
        })
        .collect()
}

/// Holds the law for one input; nothing if it is too short for the law.
///
/// # Panics
/// If it is broken.
#[must_use]
pub fn hold(input: &[u8]) -> Option<Reached> {
    let case = Case::read(input)?;
    let text = case.text();
    let examined = examine_large(&text);
    for value in [&case.id, &case.secret] {
        let known = found(&examined).chain(dismissed(&examined)).any(|known| known == value);
        assert!(known, "{value} is lost\n{}", told(&case, &text, &examined));
    }
    let whole = dismissed(&examined).all(|value| value != case.id && value != case.secret);
    if whole && case.before.is_empty() && case.behind.is_empty() {
        let joined = matches!(&examined.credentials[..], [one] if is_pair(one, &case));
        assert!(joined, "the pair is not all that is found\n{}", told(&case, &text, &examined));
    }
    Some(Reached::by(&examined))
}

fn is_pair(credential: &Credential, case: &Case<'_>) -> bool {
    [&case.id, &case.secret].into_iter().all(|value| credential.values().any(|part| part == value))
}

/// What a person needs to see why.
fn told(case: &Case<'_>, text: &[u8], examined: &Examined) -> String {
    let mut told = format!("{case:?}\n\"{}\"\n", text.escape_ascii());
    for value in found(examined) {
        let _ = writeln!(told, "found {value}");
    }
    for dismissal in &examined.dismissals {
        let _ = writeln!(told, "dismissed {} ({})", dismissal.value.expose(), dismissal.reason.describe());
    }
    told
}
