"""One child per data folder: an app that was killed and started again must not end up with two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where the closed input alone has to do
    fcntl = None

LOCK = "worker.lock"
TRY_SECONDS = 0.5


@contextmanager
def alone_on_this_machine(folder: Path, stopped: Callable[[float], bool]) -> Iterator[bool]:
    """Wait until no other child works for this folder; False when `stopped(seconds)` says so first.

    The system lets go of the lock with the process, however it ends.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as file:
        while fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if stopped(TRY_SECONDS):
                    yield False
                    return
        yield True
