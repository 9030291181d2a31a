"""run.py: makes files as their own tools make them. Standard input is a list of steps, each a list whose first word says what.

  sql FILE PRAGMAS [STATEMENT, ARGUMENTS]...   what SQLite does, one statement after the other
  log FILE PRAGMAS [STATEMENT, ARGUMENTS]...   the same in a log, kept as it is before it is merged: FILE-wal
  journal FILE PRAGMAS [STATEMENT, ARGUMENTS]...   the journal of what the last statement changes: FILE-journal; before it
                                               is over, or once it is, if PRAGMAS say that the journal persists
  pickle FILE PROTOCOL VALUE                   a pickle
  module FILE SOURCE                           a compiled Python module
"""
import json, os, pickle, py_compile, shutil, sqlite3, sys


def run(file, pragmas, statements):
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("pragma secure_delete = off")
    for pragma in pragmas:
        db.execute(f"pragma {pragma}")
    for statement, arguments in statements:
        db.execute(statement, [bytes.fromhex(a["hex"]) if isinstance(a, dict) else a for a in arguments])
    return db


for what, file, *rest in json.load(sys.stdin):
    if what == "sql":
        run(file, rest[0], rest[1:]).close()
    elif what == "log":
        db = run(file, ["journal_mode = wal", *rest[0]], rest[1:])
        shutil.copy(file + "-wal", "kept")
        db.close()
        os.remove(file)
        os.rename("kept", file + "-wal")
    elif what == "journal":
        persists = "journal_mode = persist" in rest[0]
        db = run(file, ["cache_size = 1", *rest[0]], rest[1:-1])
        db.execute("begin")
        db.execute(*rest[-1])
        if persists:
            db.execute("commit")
        shutil.copy(file + "-journal", "kept")
        db.close()
        os.remove(file)
        os.rename("kept", file + "-journal")
    elif what == "pickle":
        with open(file, "wb") as out:
            pickle.dump(rest[1], out, rest[0])
    elif what == "module":
        with open("made.py", "w") as out:
            out.write(rest[0])
        py_compile.compile("made.py", cfile=file, doraise=True)
        os.remove("made.py")
