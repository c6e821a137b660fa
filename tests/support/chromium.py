"""Where Chromium is, and how it gets here: `python -m tests.support.chromium --install`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """\
The browser tests need Chromium. Do one of these and run make test again:
  - install it (Debian, Ubuntu: apt-get install chromium)
  - .venv/bin/python -m playwright install --with-deps chromium
  - point CHROMIUM at a Chromium or Chrome: make test CHROMIUM=/path/to/chromium
Or leave those tests out: make test ALLOW_NO_BROWSER=1
"""


def find() -> str | None:
    """The path of a Chromium: $CHROMIUM, an installed one, or playwright's own."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    if installed:
        return installed
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """By the system's package manager, which only root may."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-q"],
        ["install", "-y", "-q", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(
            ["apt-get", *command],
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            sys.stderr.write(done.stderr.decode(errors="replace"))


def main() -> int:
    if find():
        return 0
    if "--install" in sys.argv:
        sys.stdout.write("Installing Chromium for the browser tests ...\n")
        sys.stdout.flush()
        install()
    if find() or os.environ.get("ALLOW_NO_BROWSER") == "1":
        return 0
    sys.stderr.write(ADVICE)
    return 1


if __name__ == "__main__":
    sys.exit(main())
