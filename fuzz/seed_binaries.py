"""seed_binaries.py CORPUS: real files for the targets `sqlite` and `strings`, made by SQLite, Python and javac.

Databases have small pages, so that a few kilobytes hold trees of several levels, chains and freed pages. Strings that are a
secret's length stand in for secrets.
"""
import hashlib, marshal, os, pathlib, pickle, py_compile, random, shutil, sqlite3, subprocess, sys, tempfile

corpus = pathlib.Path(sys.argv[1])
root = pathlib.Path(__file__).resolve().parent.parent


def keep(target, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    subprocess.run([sys.executable, root / "tests/sqlite/referee.py", scratch, "1000", "400"], check=True)
    for file in scratch.glob("*.db"):
        if file.stat().st_size <= 48 * 1024:
            keep("sqlite", file.read_bytes())
    for mode in ("wal", "persist", "truncate"):
        path = scratch / mode
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("pragma page_size = 512")
        db.execute(f"pragma journal_mode = {mode}")
        db.execute("create table t(name text, value)")
        for number in range(30):
            db.execute("insert into t values(?, ?)", (f"aws_secret_access_key_{number}", "x" * (number * 37)))
        db.execute("begin")
        db.execute("delete from t where value like '%x%'")
        db.execute("pragma cache_spill = 1")
        for suffix in ("", "-wal", "-journal"):
            beside = pathlib.Path(str(path) + suffix)
            if beside.exists():
                keep("sqlite", beside.read_bytes())
        db.execute("rollback")
        db.close()

    values = [{"aws_secret_access_key": "x" * 40, "aws_access_key_id": "y" * 20, "n": [1, 2.5, None, True, (b"z" * 40, {1, 2})]},
              ["a" * 300, {"k": {"k": "v" * 40}}], Exception("s" * 40), random.Random(1), slice(1), bytearray(b"q" * 40), 2**100]
    for protocol in range(6):
        for value in values:
            try:
                keep("strings", pickle.dumps(value, protocol))
            except Exception:
                pass
    for file in sorted((root / "tests").rglob("*.py")) + [pathlib.Path(m) for m in (hashlib.__file__, shutil.__file__, subprocess.__file__)]:
        compiled = scratch / "c.pyc"
        py_compile.compile(str(file), cfile=str(compiled))
        if compiled.stat().st_size < 100_000:
            keep("strings", compiled.read_bytes())
    if shutil.which("javac"):
        (scratch / "A.java").write_text(
            'public class A { static final String SECRET_KEY = "x"; static final long L = 5L; String s = "é\\u0000"; '
            'java.util.function.Supplier<String> f = () -> "k" + s; java.util.Map<String,String> m = java.util.Map.of("a","b"); '
            "interface I { int N = 1; default double d() { return 2.5; } } record R(String a, int b) {} enum E { X, Y } }")
        subprocess.run(["javac", "-d", str(scratch / "classes"), str(scratch / "A.java")], check=True)
        for file in (scratch / "classes").rglob("*.class"):
            keep("strings", file.read_bytes())
for target in ("sqlite", "strings"):
    print(f"{target}: {len(list((corpus / target).iterdir()))} inputs")
