"""referee.py FOLDER FIRST COUNT: random databases, made by SQLite itself, and what it says they hold.

Database N is FOLDER/N.db; FOLDER/N.json lists its values: table, row (its ID, or its place), column, the value as
UTF-8 (texts) or hexadecimal (blobs), and whether it was deleted afterwards. Seeds are FIRST, FIRST + 1, ...
"""
import json, random, sqlite3, string, sys

folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
LETTERS = string.ascii_letters + string.digits


def name(r, taken):
    while True:
        made = r.choice(["", "", "a b ", "é", 'q"q ', "x.y "]) + "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 9)))
        if made not in taken:
            taken.add(made)
            return made


def quote(text):
    return '"' + text.replace('"', '""') + '"'


def needle(r):
    return "n" + "".join(r.choices(LETTERS, k=23))


def value(r, size):
    kind = r.randrange(10)
    if kind == 0:
        return None
    if kind == 1:
        return r.randint(-2**63, 2**63 - 1) >> r.randrange(64)
    if kind == 2:
        return r.random()
    if kind == 3:
        return "".join(r.choices("ab\n\r\té€", k=r.randint(0, 30)))
    longest = r.choice([0, 30, 200, size, 4 * size]) if r.random() < 0.2 else 20
    fill = "".join(r.choices(LETTERS + "  \n\ré€", k=r.randint(0, longest)))
    at = r.randint(0, len(fill))
    text = fill[:at] + needle(r) + fill[at:]
    return text.encode() if kind == 4 else text


def make(seed):
    r = random.Random(seed)
    db = sqlite3.connect(f"{folder}/{seed}.db", isolation_level=None)
    size = r.choice([512, 1024, 4096, 4096, 8192, 65536])
    db.execute(f"pragma page_size = {size}")
    db.execute(f"pragma encoding = '{r.choice(['UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'])}'")
    db.execute(f"pragma auto_vacuum = {r.choice([0, 0, 1, 2])}")
    db.execute("pragma secure_delete = off")
    taken, tables, values = {"rowid"}, [], []
    for _ in range(r.randint(1, 4)):
        table, columns = name(r, taken), [name(r, taken) for _ in range(r.randint(1, 9))]
        style = r.choice(["plain", "plain", "integer", "without", "computed"])
        made = [quote(column) for column in columns]
        if style == "integer":
            made[r.randrange(len(made))] += " integer primary key"
        elif style == "computed":
            made.insert(r.randint(0, len(made)), f"computed as ({quote(columns[0])}) virtual /* , */")
        elif style == "without":
            keys = r.sample(columns, r.randint(1, min(3, len(columns))))
            made.append(f"primary key ({', '.join(map(quote, keys))})")
        db.execute(f"create table {quote(table)}({', '.join(made)})" + (" without rowid" if style == "without" else ""))
        if r.random() < 0.5:
            db.execute(f"create index {quote(name(r, taken))} on {quote(table)}({quote(r.choice(columns))})")
        tables.append((table, columns, style, next((c for c, m in zip(columns, made) if "integer primary" in m), None)))
    for table, columns, style, key in tables:
        db.execute("begin")
        for row in range(r.choice([1, 5, 40, 400])):
            cells = [r.randint(-500, 2**40) if column == key else value(r, size) for column in columns]
            if style == "without":
                cells = [row if cell is None else cell for cell in cells]
            try:
                db.execute(f"insert into {quote(table)}({', '.join(map(quote, columns))}) values ({', '.join('?' * len(columns))})", cells)
            except sqlite3.IntegrityError:
                pass
        db.execute("commit")
    if r.random() < 0.3:
        db.execute(f"alter table {quote(tables[0][0])} add column added default 5")
    dump = lambda: [
        [table, row[0], columns[i], cell if isinstance(cell, str) else cell.hex()]
        for table, columns, style, key in tables
        for row in rows(db, table, columns, style)
        for i, cell in enumerate(row[1:])
        if isinstance(cell, (str, bytes)) and len(cell) > 0
    ]
    before = dump()
    for table, columns, style, key in tables:
        rule = r.choice(["0", "0", "1", f"abs(random()) % {r.randint(2, 9)} = 0"])
        db.execute(f"delete from {quote(table)} where {rule}")
    dropped = r.choice([None, None, tables[0]])
    if dropped:
        tables.remove(dropped)
        db.execute(f"drop table {quote(dropped[0])}")
    live = dump()
    if r.random() < 0.2:
        db.execute("vacuum")
    live = dump()
    db.close()
    kept = {value for *_, value in live}
    values = [[*entry, False] for entry in live] + [[*entry, True] for entry in before if entry[3] not in kept]
    json.dump(values, open(f"{folder}/{seed}.json", "w"))


def rows(db, table, columns, style):
    names = ", ".join(map(quote, columns))
    if style == "without":
        found = db.execute(f"select {names} from {quote(table)}")
        return [(place, *row) for place, row in enumerate(found, 1)]
    return db.execute(f"select rowid, {names} from {quote(table)}").fetchall()


for seed in range(first, first + count):
    make(seed)
