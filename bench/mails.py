"""`python -m bench.mails`: what making the words and the bytes of 10,000 mails costs, in processor time."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.document import table
from integrations.mime import Mail, build
from integrations.templating.limited import fill_limited
from services import rendering
from services.rendering.catalogue import file_fill, file_words
from services.rendering.layout import Rendered, whole

MAILS = 10_000
TEMPLATES = ("attendance/event", "scoring/check_in", "spine/personal")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def run(count: int = MAILS) -> list[tuple[str, float]]:
    """What was made so many times, and its seconds of processor time."""
    made: list[Rendered] = []
    told: list[tuple[str, float]] = []
    for key in TEMPLATES:
        info = next(info for info in rendering.catalogue() if info.key == key)
        words = file_words(info.key)
        values = [dict(info.sample) | {"number": n} for n in range(count)]
        fill = file_fill(info.key)
        told += [
            _timed(info.key, lambda: made.extend(whole(fill(v), 0, clean=False) for v in values)),  # noqa: B023
            _timed(
                f"{info.key}, words from the app in a child process",
                lambda: [whole(each, 1, clean=True) for each in fill_limited(words, values)],  # noqa: B023
            ),
        ]
    mails = made[:count]
    return [
        *told,
        _timed("HTML from edited text", lambda: [rendering.from_text(m.text) for m in mails]),
        _timed(
            "open places", lambda: [rendering.open_placeholders(m.subject, m.text) for m in mails]
        ),
        _timed("MIME", lambda: [build(_mail(n, m)) for n, m in enumerate(mails)]),
    ]


def section(count: int = MAILS) -> str:
    rows = [[what, f"{seconds:.2f} s"] for what, seconds in run(count)]
    return f"""Making the words and the bytes of {count:,} mails, in processor time.

{table(["what", "processor"], rows)}"""


def _mail(number: int, words: Rendered) -> Mail:
    return Mail(
        message_id=f"o{number}.1@mail.example.com",
        sender_name="Ana Souza",
        sender_address="ana@vendor.example",
        recipient_name=f"María {number}",
        recipient_address=f"p{number}@customer.example",
        subject=words.subject,
        text=words.text,
        html=words.html,
        date=NOW,
        unsubscribe_url=f"https://engage.example.com/u/{number}",
    )


def _timed(what: str, work: Callable[[], object]) -> tuple[str, float]:
    before = _processor_seconds()
    work()
    return what, _processor_seconds() - before


def _processor_seconds() -> float:
    """Of this process and of children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    print(section())
