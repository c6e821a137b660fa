"""Where tests write: nothing of it has to survive a crash."""

from __future__ import annotations

import os
import shutil

_CANDIDATES = (("/dev/shm", 4 << 30), ("/tmp", 0))  # noqa: S108


def roomy_and_fast() -> str | None:
    """Memory when there is plenty: a commit there takes 0.03 ms instead of 5, a new database 10 instead of 150.

    Either path is short, which matters: a socket's may have about a hundred characters.
    """
    for folder, needed in _CANDIDATES:
        if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= needed:
            return folder
    return None
