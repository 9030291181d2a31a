"""seed_binaries.py CORPUS: real files for the targets `sqlite`, `strings` and `archives`, made by SQLite, every Python that is
installed, javac, and tarfile (images).

Databases have small pages, so that a few kilobytes hold trees of several levels, chains and freed pages. Strings that are a
secret's length stand in for secrets.
"""
import gzip, hashlib, io, json, pathlib, pickle, random, shutil, sqlite3, subprocess, sys, tarfile, tempfile, zipfile

corpus = pathlib.Path(sys.argv[1])
root = pathlib.Path(__file__).resolve().parent.parent


def keep(target, data):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def tar(files):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def image(layers, oci, packed):
    """An image of so many layers: each hides the file of the one before. As the OCI lays it out, or as `docker save` did."""
    files, blobs = [], []

    def blob(content):
        digest = hashlib.sha256(content).hexdigest()
        files.append((f"blobs/sha256/{digest}", content))
        return {"digest": f"sha256:{digest}", "size": len(content)}

    for number in range(layers):
        content = tar([(f"app/.wh.{number - 1}.env", b""), (f"app/{number}.env", b"AWS_SECRET_ACCESS_KEY=" + b"x" * 40)])
        blobs.append(gzip.compress(content) if packed else content)
    config = json.dumps({"rootfs": {"type": "layers"}, "config": {"Env": ["A=b"]}}).encode()
    if oci:
        manifest = {"schemaVersion": 2, "config": blob(config), "layers": [blob(layer) for layer in blobs]}
        index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode()), {"digest": "sha256:" + "0" * 64}]}
        files.append(("index.json", json.dumps(index).encode()))
    else:
        names = [f"{number}/layer.tar" for number in range(layers)]
        files += list(zip(names, blobs)) + [("config.json", config)]
        files.append(("manifest.json", json.dumps([{"Config": "config.json", "Layers": names}]).encode()))
    return tar(files)


def pythons():
    versions = pathlib.Path.home() / ".pyenv/versions"
    found = [str(python) for python in versions.glob("*/bin/python")] if versions.is_dir() else []
    return found or [sys.executable]


PYTHONS = pythons()

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
                keep("strings/pickle", pickle.dumps(value, protocol))
            except Exception:
                pass
    modules = [file for file in sorted((root / "tests").rglob("*.py")) if file.stat().st_size < 20_000]
    modules += [pathlib.Path(module) for module in (hashlib.__file__, shutil.__file__, gzip.__file__)]
    for python in PYTHONS:
        for file in modules:
            compiled = scratch / "c.pyc"
            code = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], doraise=True)"
            made = subprocess.run([python, "-c", code, file, compiled], capture_output=True)
            # Not every Python knows what newer ones write.
            if made.returncode == 0 and compiled.stat().st_size < 64_000:
                keep("strings/pyc", compiled.read_bytes())
    if shutil.which("javac"):
        (scratch / "A.java").write_text(
            'public class A { static final String SECRET_KEY = "x"; static final long L = 5L; String s = "é\\u0000"; '
            'java.util.function.Supplier<String> f = () -> "k" + s; java.util.Map<String,String> m = java.util.Map.of("a","b"); '
            "interface I { int N = 1; default double d() { return 2.5; } } record R(String a, int b) {} enum E { X, Y } }")
        subprocess.run(["javac", "-d", str(scratch / "classes"), str(scratch / "A.java")], check=True)
        for file in (scratch / "classes").rglob("*.class"):
            keep("strings/class", file.read_bytes())

    # Classes of real libraries, a few of each.
    for jar in sorted(pathlib.Path("/usr/share/java").glob("*.jar"))[:40]:
        with zipfile.ZipFile(jar) as opened:
            for name in [name for name in opened.namelist() if name.endswith(".class")][:8]:
                if opened.getinfo(name).file_size < 64_000:
                    keep("strings/class", opened.read(name))

for layers in range(1, 5):
    for oci in (True, False):
        for packed in (True, False):
            keep("archives/image", image(layers, oci, packed))
