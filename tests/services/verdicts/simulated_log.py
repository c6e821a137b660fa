"""A mail log with the truth beside it: people who read and click, and the programs around them.

12,000 recipients, two mails each, 600 companies; 45 % of those scan their mail, in five ways, half of
them from addresses that change each time. Some people sit behind one address with their colleagues, some
behind a service that many companies share, and 4 % click within seconds of opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import numpy as np
import polars as pl

from services.verdicts import DELIVERIES, EVENTS

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
SCANNED = 0.45
LINKS = 6
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
_PROGRAMS = ("python-requests/2.32", "", "Barracuda Sentinel (EE)", "curl/8.5.0")
_GOOGLE = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)
KINDS = ("all_at_once", "checks_heads", "one_click", "before_the_reader", "sandbox")


@dataclass(frozen=True)
class Log:
    """`truth` has `id` and `human` for each event."""

    events: pl.DataFrame
    deliveries: pl.DataFrame
    truth: pl.DataFrame


class _Writer:
    """Collects events; each simulated actor writes through it."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.rows: list[tuple[object, ...]] = []
        self._next = count(1)

    def hit(
        self, message: int, kind: str, after: float, *, human: bool, ip: str, agent: str,
        link: int | None = None, method: str = "GET",
    ) -> None:  # fmt: skip
        hidden = link == 0
        number = next(self._next)
        self.rows.append((number, message, kind, after, link, hidden, method, ip, agent, human))

    def browser(self) -> str:
        return str(self.rng.choice(_BROWSERS))

    def address(self) -> str:
        return ".".join(str(part) for part in self.rng.integers(1, 255, 4))


@dataclass(frozen=True)
class _Company:
    number: int
    scanner: str | None
    pool: tuple[str, ...]
    """Addresses of its scanner; none when they change each time."""
    office: str
    apple: float
    """Share of its people whose opens a privacy service hides."""


def simulated_log(
    seed: int, *, recipients: int = 12_000, companies: int = 600, mails: int = 2
) -> Log:
    """The same log for the same seed."""
    rng = np.random.default_rng(seed)
    writer = _Writer(rng)
    # A gateway vendor scans for many companies from the same few addresses.
    vendors = [tuple(writer.address() for _ in range(12)) for _ in range(4)]
    vpn = [writer.address() for _ in range(6)]
    firms = [_company(rng, writer, number, vendors) for number in range(companies)]
    sizes = rng.pareto(2.0, companies) + 0.5
    employers = rng.choice(companies, recipients, p=sizes / sizes.sum())
    messages: list[tuple[int, int, int, float]] = []
    for person, employer in enumerate(employers):
        reader = _Reader(rng, writer, firms[int(employer)], vpn)
        for mail in range(mails):
            message = len(messages) + 1
            messages.append(
                (message, person, int(employer), mail * 7 * 86400 + rng.uniform(0, 3600))
            )
            _scan(writer, firms[int(employer)], message)
            reader.read(message)
    return _frames(writer, messages)


def _company(
    rng: np.random.Generator, writer: _Writer, number: int, vendors: list[tuple[str, ...]]
) -> _Company:
    scanner = str(rng.choice(KINDS)) if rng.random() < SCANNED else None
    fixed = rng.random() < 0.5
    pool = vendors[rng.integers(len(vendors))] if fixed else ()
    return _Company(number, scanner, pool, writer.address(), float(rng.beta(1, 3)))


def _scan(writer: _Writer, company: _Company, message: int) -> None:  # noqa: C901 - one branch a kind
    rng = writer.rng
    if company.scanner is None or rng.random() < 0.03:  # now and then one is let through
        return
    ip = str(rng.choice(company.pool)) if company.pool else writer.address()
    named = rng.random() < 0.15
    agent = str(rng.choice(_PROGRAMS)) if named else writer.browser()

    def click(after: float, link: int, method: str = "GET") -> None:
        writer.hit(
            message, "click", after, human=False, ip=ip, agent=agent, link=link, method=method
        )

    if company.scanner == "all_at_once":
        start = rng.uniform(1, 40)
        writer.hit(message, "open", start, human=False, ip=ip, agent=agent)
        # Two in five see that a link is hidden, and leave it.
        for place, link in enumerate(range(int(rng.random() < 0.4), LINKS + 1)):
            click(start + place * rng.uniform(0.05, 0.6), link)
    elif company.scanner == "checks_heads":
        for link in rng.choice(np.arange(1, LINKS + 1), 3, replace=False):
            click(rng.uniform(1, 60), int(link), "HEAD")
    elif company.scanner == "one_click":
        # Most within a minute or two, some when a queue has let them through.
        click(rng.lognormal(3.8, 1.0), int(rng.integers(1, LINKS + 1)))
    elif company.scanner == "sandbox":
        start = rng.lognormal(5, 1.0)
        for link in range(int(rng.random() > 0.2), LINKS + 1):
            click(start + rng.uniform(0, 55), link)


class _Reader:
    """A person with habits, the same for each mail."""

    def __init__(
        self, rng: np.random.Generator, writer: _Writer, company: _Company, vpn: list[str]
    ) -> None:
        self.rng, self.writer, self.company = rng, writer, company
        where = rng.random()
        home = writer.address()
        self.ip = company.office if where < 0.5 else str(rng.choice(vpn)) if where < 0.58 else home
        self.agent = writer.browser()
        self.hidden = rng.random() < company.apple
        self.google = not self.hidden and rng.random() < 0.15
        self.fast = rng.random() < 0.04
        self.opens = float(rng.beta(1.2, 2.5))
        self.clicks = float(rng.beta(0.8, 5))

    def read(self, message: int) -> None:
        rng, hit = self.rng, self.writer.hit
        if self.hidden:
            ip, after = self.writer.address(), rng.exponential(600)
            hit(message, "open", after, human=False, ip=ip, agent="Mozilla/5.0")
        if rng.random() > self.opens:
            return
        after = rng.uniform(6, 60) if self.fast else 60 + rng.lognormal(8.5, 1.8)
        agent = _GOOGLE if self.google else self.agent
        ip = "66.249.84.1" if self.google else self.ip
        if not self.hidden:
            hit(message, "open", after, human=True, ip=ip, agent=agent)
        if rng.random() > self.clicks:
            return
        after += rng.exponential(30) + 2
        for place in range(1 + int(rng.random() < 0.2)):
            self._click(message, after + place * (12 + rng.exponential(40)))

    def _click(self, message: int, after: float) -> None:
        link = int(self.rng.integers(1, LINKS + 1))
        if self.company.scanner == "before_the_reader":
            ahead = self.rng.uniform(0.2, 2)
            ip = (
                str(self.rng.choice(self.company.pool))
                if self.company.pool
                else self.writer.address()
            )
            browser = self.writer.browser()
            self.writer.hit(
                message, "click", after - ahead, human=False, ip=ip, agent=browser, link=link
            )
        self.writer.hit(
            message, "click", after, human=True, ip=self.ip, agent=self.agent, link=link
        )


def _frames(writer: _Writer, messages: list[tuple[int, int, int, float]]) -> Log:
    start = pl.lit(START).cast(pl.Datetime("us", "UTC"))
    micros = (pl.col("sent") * 1e6).cast(pl.Int64).cast(pl.Duration("us"))
    deliveries = pl.DataFrame(
        messages, schema=["message", "recipient", "company", "sent"], orient="row"
    ).with_columns(domain=pl.format("company{}.example", "company"), delivered_at=start + micros)
    names = [
        "id", "message", "kind", "after", "link", "hidden", "method", "ip", "user_agent", "human",
    ]  # fmt: skip
    events = pl.DataFrame(writer.rows, schema=names, orient="row", infer_schema_length=None)
    after = (pl.col("after") * 1e6).cast(pl.Int64).cast(pl.Duration("us"))
    events = events.join(deliveries.select("message", "delivered_at"), on="message").with_columns(
        at=pl.col("delivered_at") + after, flagged=pl.lit(None, pl.Boolean)
    )
    return Log(
        events.select(pl.col(name).cast(kind) for name, kind in EVENTS.items()),
        deliveries.select(pl.col(name).cast(kind) for name, kind in DELIVERIES.items()),
        events.select("id", "human"),
    )
