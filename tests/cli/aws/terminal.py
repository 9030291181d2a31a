"""Runs a command as at a terminal, and types an answer once it asks.

Arguments: what to type, and the command. Its standard output stays as it is; what the terminal showed goes to standard
error.
"""

import os
import pty
import subprocess
import sys

ANSWER, COMMAND = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
child = subprocess.Popen(COMMAND, stdin=slave, stderr=slave, start_new_session=True)
os.close(slave)
shown, asked = b"", False
while True:
    try:
        part = os.read(master, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not asked and shown.endswith(b": "):
        asked = True
        os.write(master, ANSWER.encode() + b"\n")
sys.stderr.write(shown.decode().replace("\r\n", "\n"))
sys.exit(child.wait())
