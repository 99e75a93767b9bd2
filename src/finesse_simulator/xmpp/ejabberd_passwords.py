"""ejabberd's helper: asks the simulator whether a password is right. Run by ejabberd, with the URL to ask as argument.

ejabberd writes two bytes of length and `auth:user:host:password`, and reads two bytes of length and two of verdict.
Only the standard library, and nothing of ours: it starts quickly, several times over.
"""

from __future__ import annotations

import struct
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import BinaryIO


def main(url: str, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until ejabberd is gone."""
    while len(header := source.read(2)) == 2:  # noqa: PLR2004 - the length of the length
        [length] = struct.unpack(">H", header)
        question = source.read(length).decode("utf-8", "replace")
        sink.write(struct.pack(">HH", 2, verdict(url, question)))
        sink.flush()


def verdict(url: str, question: str) -> int:
    """Say 1 for yes and 0 for no. Whether a user exists is not known here: yes."""
    kind, _, rest = question.partition(":")
    if kind != "auth":
        return int(kind == "isuser")
    user, _, rest = rest.partition(":")
    password = rest.partition(":")[2]
    form = urllib.parse.urlencode({"user": user, "password": password}).encode()
    try:
        with urllib.request.urlopen(url, form, timeout=10) as answer:  # noqa: S310 - the simulator's own URL
            return int(answer.status == 200)  # noqa: PLR2004 - OK
    except (urllib.error.URLError, OSError):
        return 0


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
