"""Child processes that cannot outlive the test run, not even when it is killed."""

from __future__ import annotations

import pwd
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

# The keeper waits for its input to close, which happens whichever way the tests end. The program gets
# its own empty input, so nobody but the test run holds the other end of the leash.
_KEEPER = """
stop=$1; litter=$2; shift 2
"$@" </dev/null & child=$!
read -r _
kill -"$stop" $child 2>/dev/null
wait $child 2>/dev/null
[ -z "$litter" ] || rm -rf "$litter"
"""


@contextmanager
def leashed(
    command: Sequence[str | Path],
    *,
    log: Path,
    stop: str = "TERM",
    litter: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path | None = None,
) -> Generator[None]:
    """Run `command` while the block runs; then send it signal `stop` and wait for its end.

    Its output goes to `log`. `litter` is a folder that the keeper removes last, also when the test
    run was killed. `user` is the account to run as, for programs that refuse root.
    """
    with log.open("ab") as output:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", stop, str(litter or ""), *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            cwd=cwd,
            start_new_session=True,  # an interrupt at the terminal reaches the tests, which then let go
        )
        try:
            yield
        finally:
            assert keeper.stdin is not None
            keeper.stdin.close()
            keeper.wait(timeout=30)
