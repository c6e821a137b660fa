"""`python -m bench` measures everything for docs/benchmarks.md; `--only` one part; `--quick` is a try-out.

Each part has a section of the document, and replaces no other.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import (
    campaign_pages,
    decline_quality,
    document,
    draft_pages,
    drafts,
    fit_quality,
    follow_up,
    growth,
    invitations,
    mails,
    matching_quality,
    pages,
    report,
    tickets,
    upload,
    verdict_quality,
)
from bench.load import Visit
from bench.processes import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
QUICK_ROWS, QUICK_MANY = 20_000, 500
EMPTY = "# Benchmarks"


@dataclass(frozen=True)
class Asked:
    """`many` drafts, mails or people; the largest of `sizes` is that of the pages' data, too. `pages` alone are
    looked at, where some are named."""

    folder: Path
    kinds: list[str]
    sizes: tuple[int, ...]
    repeat: int
    once: bool
    quick: bool
    pages: tuple[str, ...] = ()

    def many(self, usual: int) -> int:
        return QUICK_MANY if self.quick else usual


def _upload(asked: Asked, before: str) -> str:
    lines = upload.run(asked.folder, asked.sizes, asked.kinds, asked.repeat, once=asked.once)
    return report.uploads(lines, before)


def _pages(asked: Asked, before: str) -> str:
    visit = Visit("", reruns=pages.RERUNS, think=pages.THINK)
    found = pages.run(asked.folder, asked.sizes[-1], asked.kinds, visit, only=asked.pages)
    return report.pages(found, before)


def _matching(asked: Asked, _before: str) -> str:
    return matching_quality.section(upload.data_of(asked.folder, asked.sizes[-1]))


def _scoring(_asked: Asked, _before: str) -> str:
    """In a process of its own, whose memory has not grown yet."""
    command = [sys.executable, "-m", "bench.scoring_speed"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _drafts(asked: Asked, _before: str) -> str:
    count = asked.many(drafts.COUNT)
    return drafts.table(drafts.run(asked.folder, asked.kinds, count), count)


def _draft_pages(asked: Asked, before: str) -> str:
    visit = Visit("", users=pages.USERS, reruns=pages.RERUNS, think=pages.THINK)
    count = asked.many(draft_pages.COUNT)
    return draft_pages.section(asked.folder, asked.kinds, visit, before, count)


def _follow_up(asked: Asked, _before: str) -> str:
    return follow_up.section(asked.folder, asked.kinds, asked.many(follow_up.PEOPLE))


def _campaigns(asked: Asked, _before: str) -> str:
    visit = Visit("", users=pages.USERS, reruns=pages.RERUNS, think=pages.THINK)
    rows = QUICK_ROWS if asked.quick else campaign_pages.ROWS
    return campaign_pages.section(asked.folder, asked.kinds, visit, rows)


def _tickets(asked: Asked, _before: str) -> str:
    visit = Visit("", users=pages.USERS, reruns=pages.RERUNS, think=pages.THINK)
    rows = QUICK_ROWS if asked.quick else tickets.ROWS
    return tickets.section(asked.folder, asked.kinds, visit, rows)


def _growth(asked: Asked, _before: str) -> str:
    return growth.section(asked.folder, asked.kinds, asked.sizes)


def _fit_quality(asked: Asked, _before: str) -> str:
    return fit_quality.section(seeds=2) if asked.quick else fit_quality.section()


def _invitations(asked: Asked, _before: str) -> str:
    customers = QUICK_MANY if asked.quick else invitations.CUSTOMERS
    found = invitations.run(asked.folder, asked.kinds, customers)
    return invitations.section(found, customers)


def _decline(asked: Asked, _before: str) -> str:
    return decline_quality.section(seeds=1) if asked.quick else decline_quality.section()


PARTS: dict[str, tuple[str, Callable[[Asked, str], str]]] = {
    "upload": ("Upload to visible scores", _upload),
    "pages": ("Pages", _pages),
    "matching": ("Matching", _matching),
    "scoring": ("Scores", _scoring),
    "drafts": ("Drafts", _drafts),
    "draft-pages": ("Pages of drafts", _draft_pages),
    "mails": ("Mails", lambda asked, _before: mails.section(asked.many(mails.MAILS))),
    "follow-up": ("Follow-up of an event", _follow_up),
    "campaigns": ("Campaigns", _campaigns),
    "tickets": ("Tickets", _tickets),
    "verdicts": ("Verdicts", lambda _asked, _before: verdict_quality.section()),
    "decline": ("Decline alarm", _decline),
    "fit-quality": ("Whom events fit", _fit_quality),
    "invitations": ("Invitations", _invitations),
    "growth": ("Growth", _growth),
}
"""What `--only` takes -> the section's title, and what measures it; that is given the section as it was."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these parts alone")
    parser.add_argument("--quick", action="store_true", help="small data; writes nothing")
    parser.add_argument("--rows", type=int, nargs="+", help="sizes of uploads and of what grows")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each size of uploads")
    parser.add_argument("--once", action="store_true", help="uploads without the same rows again")
    named = [one[0] for one in (*pages.VISITS, *pages.OTHERS)]
    parser.add_argument("--pages", nargs="+", choices=named, help="look at these pages alone")
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"])
    parser.add_argument("--folder", type=Path, help="keep data here; a temporary one without it")
    given = parser.parse_args()
    sizes = given.rows or ((1_000, QUICK_ROWS) if given.quick else upload.SIZES)
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        kinds = given.databases or ["sqlite", "postgres"]
        some = tuple(given.pages or ())
        asked = Asked(folder, kinds, tuple(sizes), given.repeat, given.once, given.quick, some)
        for part in given.only or PARTS:
            _measure(part, asked)


def _measure(part: str, asked: Asked) -> None:
    title, measuring = PARTS[part]
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else EMPTY
    body = measuring(asked, document.body_of(before, title))
    body = f"{body}\n\n{document.stamp(_command(part))}"
    if asked.quick:
        print(f"## {title}\n\n{body}\n")
        return
    # Measuring takes its time: another part may have been written meanwhile.
    now = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else EMPTY
    order = [title for title, _ in PARTS.values()]
    DOCUMENT.write_text(document.put(now, title, body, order) + "\n", encoding="utf-8")
    print(f"Wrote “{title}” of {DOCUMENT.relative_to(ROOT)}")


def _command(part: str) -> str:
    """What measures this part alone, without the folder, which is the reader's own affair."""
    words: list[str] = []
    for word in sys.argv[1:]:
        if word.startswith("--"):
            words.append("")
        words[-1:] = [f"{words[-1]} {word}".strip()]
    options = [word for word in words if not word.startswith(("--folder", "--only"))]
    return " ".join(["python -m bench", f"--only {part}", *options])


if __name__ == "__main__":
    main()
