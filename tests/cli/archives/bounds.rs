//! What is more than is borne, what is encrypted, and what is broken.

use super::{make, shell};
use crate::support::{Folder, Key};

#[test]
fn a_stream_that_unfolds_too_far_makes_the_scan_incomplete_and_the_rest_goes_on() {
    let (here, key) = (Folder::new(), Key::new(910));
    here.write("conf/prod.env", key.env_file());
    shell(&here, "head -c 64M /dev/zero > conf/zeros; zip -qr a.zip conf; rm -r conf");
    let run = here.scan(&["--fail-on", "critical"]);
    assert_eq!(run.found(), [format!("a.zip!conf/prod.env:3 {}", key.id)]);
    let gap = &run.summary()["incomplete"][0];
    assert_eq!(gap["what"], "a.zip!conf/zeros");
    assert_eq!(gap["why"], "it unfolds to more than 200 times its size");
    assert_eq!(gap["hint"], "keyward scan --archive-ratio N bears more");
    let run = here.scan(&["--exit-zero"]);
    assert_eq!(run.status, 2, "{}", run.err);
    let run = here.scan(&["--archive-ratio", "2000"]);
    assert!(run.summary()["incomplete"].as_array().unwrap().is_empty(), "{}", run.err);
}

#[test]
fn each_limit_is_told_with_the_flag_that_bears_more() {
    let here = Folder::new();
    here.write("conf/a", "a".repeat(3 << 20));
    here.write("conf/b", "b");
    shell(&here, "tar -czf c.tar.gz conf; zip -q0 d.zip c.tar.gz; rm -r conf c.tar.gz");
    for (flags, what, why, hint) in [
        (
            ["--archive-depth", "2"],
            "d.zip!c.tar.gz",
            "it lies deeper than 2 archives inside each other",
            "depth N goes deeper",
        ),
        (["--archive-entries", "2"], "d.zip!c.tar.gz", "there are more than 2 entries", "entries N looks at more"),
        (["--archive-size", "2"], "d.zip!c.tar.gz!conf/a", "it unfolds to more than 2 MiB", "size N looks at more MiB"),
        (["--archive-time", "0"], "d.zip", "it takes longer than 0 s", "time N takes more seconds"),
    ] {
        let run = here.keyward(&[&["scan"][..], &flags].concat());
        let said = format!("keyward: incomplete: {what}: {why}\n  hint: keyward scan --archive-{hint}\n");
        assert!(run.status == 2 && run.err.starts_with(&said), "{flags:?}: {}", run.err);
    }
}

#[test]
fn entries_that_share_bytes_are_not_unpacked_again() {
    let here = Folder::new();
    let script = "import struct, zlib\n\
        data = b'A' * 1000\n\
        c = zlib.compressobj(9, 8, -15); packed = c.compress(data) + c.flush()\n\
        sizes = struct.pack('<III', zlib.crc32(data), len(packed), len(data))\n\
        out = struct.pack('<IHHHHH', 0x04034b50, 20, 0, 8, 0, 0) + sizes + struct.pack('<HH', 1, 0) + b'A' + packed\n\
        names = [b'%d' % i for i in range(5)]\n\
        central = b''.join(struct.pack('<IHHHHHH', 0x02014b50, 20, 20, 0, 8, 0, 0) + sizes\n\
            + struct.pack('<HHHHHII', len(n), 0, 0, 0, 0, 0, 0) + n for n in names)\n\
        end = struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, 5, 5, len(central), len(out), 0)\n\
        open('bomb.zip', 'wb').write(out + central + end)\n";
    let output = here.command("python3").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = here.keyward(&["scan"]);
    let said = "keyward: incomplete: bomb.zip!1: shares its bytes with another entry, as in a bomb, and 3 more entries there\n";
    assert!(run.status == 2 && run.err.starts_with(said), "{}", run.err);
}

#[test]
fn encrypted_entries_are_named_and_do_not_make_the_scan_incomplete() {
    let (here, key) = (Folder::new(), Key::new(911));
    here.write("x/a", "first");
    here.write("x/b", "second");
    here.write("c.env", key.env_file());
    shell(&here, "zip -q -P word a.zip x/a x/b; zip -q a.zip c.env; rm -r x c.env");
    let run = here.scan(&[]);
    assert_eq!((run.found(), run.status), (vec![format!("a.zip!c.env:3 {}", key.id)], 1));
    let notes = run.summary()["notes"].clone();
    assert_eq!(notes, serde_json::json!(["a.zip!x/a: encrypted, and 1 more entry there: examined only as it is"]));
}

#[test]
fn a_broken_archive_is_named_and_examined_as_far_as_it_goes_and_as_it_is() {
    let (here, key, stored) = (Folder::new(), Key::new(912), Key::new(913));
    make(&here, &key, "seq 1 100000 > conf/z; tar -cf - conf/prod.env conf/z | gzip > a.tgz; truncate -s 60000 a.tgz");
    make(&here, &stored, "seq 1 1000 > conf/z; zip -qr0 b.zip conf; truncate -s -100 b.zip");
    let run = here.scan(&[]);
    let found = run.found();
    assert_eq!(found[0], format!("a.tgz!conf/prod.env:3 {}", key.id));
    assert!(found.len() == 2 && found[1].starts_with("b.zip:") && found[1].ends_with(&stored.id), "{found:?}");
    let summary = run.summary();
    assert!(summary["incomplete"].as_array().unwrap().is_empty(), "{summary}");
    let notes = summary["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note.as_str().unwrap().starts_with("b.zip: not a whole zip: ")), "{notes:?}");
    assert!(notes.iter().any(|note| note.as_str().unwrap().contains("it breaks off")), "{notes:?}");
}

#[test]
fn a_text_that_begins_like_a_compressed_one_is_a_text() {
    let (here, key) = (Folder::new(), Key::new(914));
    here.write("formula.txt", format!("x^2 + y^2 = z^2\n{}", key.env_file()));
    let run = here.keyward(&["scan"]);
    assert!(run.out.starts_with("formula.txt:4:23  ") && !run.err.contains("zlib"), "{}{}", run.out, run.err);
}

/// Runs Python in the folder.
fn python(here: &Folder, script: &str) {
    let output = here.command("python3").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_limit_that_is_passed_where_a_zlib_stream_begins_is_told() {
    let (here, key) = (Folder::new(), Key::new(930));
    here.write("packed", key.env_file());
    let script = "import zipfile, zlib, os\n\
        packed = zlib.compress(open('packed', 'rb').read()); os.remove('packed')\n\
        with zipfile.ZipFile('x.zip', 'w', zipfile.ZIP_STORED) as z:\n \
            z.writestr('filler', b'-' * ((1 << 20) - len(packed) - 20)); z.writestr('last', packed)\n";
    python(&here, script);
    let run = here.scan(&["--archive-size", "1"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert_eq!(run.summary()["incomplete"][0]["why"], "it unfolds to more than 1 MiB");
    assert_eq!(here.scan(&[]).found().len(), 1);
}

#[test]
fn zstd_frames_that_may_be_skipped_hide_nothing_behind_them_however_many_they_are() {
    let (here, key) = (Folder::new(), Key::new(931));
    here.write("packed", key.env_file());
    // Of the frame in the middle of the second file, only a part of the head lies in the first 64 KiB.
    let script = "import os, struct\n\
        text = open('packed', 'rb').read(); os.remove('packed')\n\
        frame = b'\\x28\\xb5\\x2f\\xfd\\x20' + bytes([len(text)]) + struct.pack('<I', len(text) << 3 | 1)[:3] + text\n\
        skipped = struct.pack('<II', 0x184d2a50, 0)\n\
        first = struct.pack('<II', 0x184d2a50, 65532 - 8) + b'-' * (65532 - 8)\n\
        open('many.zst', 'wb').write(skipped * 500_000 + frame)\n\
        open('border.zst', 'wb').write(first + skipped + frame)\n";
    python(&here, script);
    let run = here.scan(&[]);
    assert_eq!(run.found().len(), 2, "{}", run.err);
    assert!(run.summary()["notes"].as_array().unwrap().is_empty(), "{}", run.err);
}

#[test]
fn a_secret_that_names_an_entry_is_whole_in_no_note() {
    let without_slash = |key: &Key| !key.secret.contains('/');
    let (here, key) = (Folder::new(), (932..999).map(Key::new).find(without_slash).unwrap());
    here.write("packed", key.env_file());
    let script = format!(
        "import os, zipfile\n\
         text = open('packed', 'rb').read(); os.remove('packed')\n\
         with zipfile.ZipFile('x.zip', 'w') as z: z.writestr('{}', text)\n\
         data = open('x.zip', 'rb').read()\n\
         open('x.zip', 'wb').write(data.replace(b'AWS_ACCESS', b'AWS_ACCESs', 1))\n",
        key.secret
    );
    python(&here, &script);
    for arguments in
        [&["scan"][..], &["scan", "--explain"], &["scan", "--format", "jsonl"], &["scan", "--format", "html"]]
    {
        let run = here.keyward(arguments);
        assert!(run.err.contains("its checksum is wrong"), "{arguments:?}: {}", run.err);
        assert!(!run.err.contains(&key.secret) && !run.out.contains(&key.secret), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn of_many_broken_archives_some_are_named_and_the_rest_is_counted() {
    let here = Folder::new();
    for number in 0..25 {
        here.write(format!("{number:02}.zip"), "PK\x03\x04, and nothing behind it");
    }
    let run = here.keyward(&["scan"]);
    let named: Vec<_> = run.err.lines().filter(|line| line.contains(".zip: not a whole zip: ")).collect();
    assert_eq!((run.status, named.len()), (0, 20), "{}", run.err);
    let more = "\nkeyward: and 5 more that could not be unpacked whole; --format jsonl names all\n";
    assert!(run.err.contains(more), "{}", run.err);
    assert_eq!(here.scan(&[]).summary()["notes"].as_array().unwrap().len(), 25);
}

/// Unpacking tools make a folder of it and pass over its bytes.
#[test]
fn the_bytes_of_an_entry_that_calls_itself_an_empty_folder_are_examined() {
    let (here, key) = (Folder::new(), Key::new(933));
    here.write("packed", key.env_file());
    let script = "import os, struct, zlib\n\
        text = open('packed', 'rb').read(); os.remove('packed')\n\
        c = zlib.compressobj(9, 8, -15); packed = c.compress(text) + c.flush()\n\
        sizes = struct.pack('<III', zlib.crc32(text), len(packed), 0)\n\
        out = struct.pack('<IHHHHH', 0x04034b50, 20, 0, 8, 0, 0) + sizes + struct.pack('<HH', 2, 0) + b'd/' + packed\n\
        central = struct.pack('<IHHHHHH', 0x02014b50, 20, 20, 0, 8, 0, 0) + sizes\\\n \
            + struct.pack('<HHHHHII', 2, 0, 0, 0, 0, 0, 0) + b'd/'\n\
        end = struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, 1, 1, len(central), len(out), 0)\n\
        open('x.zip', 'wb').write(out + central + end)\n";
    python(&here, script);
    let run = here.scan(&[]);
    assert_eq!(run.found(), [format!("x.zip!d/:3 {}", key.id)], "{}", run.err);
}
