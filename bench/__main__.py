"""`python -m bench` measures everything and rewrites docs/benchmarks.md; `--quick` is a try-out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import drafts, pages, report, upload
from bench.load import Visit
from bench.processes import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
PARTS = ("upload", "drafts", "pages")
QUICK_ROWS, QUICK_DRAFTS = 20_000, 500


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    parser.add_argument("--quick", action="store_true", help="small data; writes nothing")
    parser.add_argument("--repeat", type=int, default=3, help="runs of sizes under a million rows")
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"])
    parser.add_argument("--folder", type=Path, help="keep data here; a temporary one without it")
    given = parser.parse_args()
    parts = [given.only] if given.only else PARTS
    sizes = (1_000, QUICK_ROWS) if given.quick else upload.SIZES
    kinds = given.databases or ["sqlite", "postgres"]
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        lines = upload.run(folder, sizes, kinds, given.repeat) if "upload" in parts else []
        count = QUICK_DRAFTS if given.quick else drafts.COUNT
        mails = drafts.run(folder, kinds, count) if "drafts" in parts else []
        visit = Visit("", users=pages.USERS, reruns=pages.RERUNS, think=pages.THINK)
        seen = pages.run(folder, sizes[-1], visit) if "pages" in parts else []
    text = report.document(lines, seen, _command(), drafts.table(mails, count) if mails else "")
    if given.quick:
        print(text)
    else:
        DOCUMENT.write_text(text, encoding="utf-8")
        print(f"Wrote {DOCUMENT.relative_to(ROOT)}")


def _command() -> str:
    """As typed, without the folder, which is the reader's own affair."""
    words = sys.argv[1:]
    if "--folder" in words:
        place = words.index("--folder")
        words = words[:place] + words[place + 2 :]
    return " ".join(["python -m bench", *words])


if __name__ == "__main__":
    main()
