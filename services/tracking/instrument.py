"""A mail's HTML made to report: links that lead through us, an open pixel, and a link nobody sees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from data.tables import MailLink
from services.tracking.signing import Signer, signer
from services.web_addresses import is_web_address

UNSUBSCRIBE_MARK = "https://unsubscribe.invalid/"
"""What a template writes where this mail's own unsubscribe link goes, in HTML and text alike."""
MOST_LINKS = 200
"""Followed in one mail; those after it stay as they are."""
_LONGEST = 2_000
_LINK = re.compile(
    r"""(<a\b[^<>]*?\shref\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE | re.DOTALL
)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Uninstrumented:
    """A rendered mail. `message_id` is the one it will carry."""

    html: str
    text: str
    message_id: str


@dataclass(frozen=True)
class Instrumented:
    """`tracking` and `unsubscribe` are the tokens of pixel and preferences page, for the outbox row."""

    html: str
    text: str
    tracking: str
    unsubscribe: str
    unsubscribe_url: str


def instrument(
    session: Session, *, html: str, text: str, message_id: str, base_url: str
) -> Instrumented:
    """The mail as it goes out; its links are kept as MailLink rows.

    Links in the text stay as they are: a reader of plain text judges a link by what it says, and one
    that says nothing but a token looks like fraud. So clicks in the text part are not seen.
    """
    return instrument_many(session, [Uninstrumented(html, text, message_id)], base_url=base_url)[0]


def instrument_many(
    session: Session, mails: Sequence[Uninstrumented], *, base_url: str
) -> list[Instrumented]:
    """The same for many, in their order, with one insert."""
    base = base_url.rstrip("/")
    sign = signer(session)
    rows: list[dict[str, Any]] = []
    done = [_one(mail, sign, base, rows) for mail in mails]
    if rows:
        session.execute(insert(MailLink), rows)
    return done


def _one(mail: Uninstrumented, sign: Signer, base: str, rows: list[dict[str, Any]]) -> Instrumented:
    tracking, unsubscribe = sign.token("open"), sign.token("unsubscribe")
    unsubscribe_url = f"{base}/u/{unsubscribe}"
    places = _Places(mail.message_id, base, sign, [])
    html = _LINK.sub(places.replace, mail.html.replace(UNSUBSCRIBE_MARK, unsubscribe_url))
    html = _at_end(html, places.hidden() + _pixel(base, tracking))
    rows.extend(places.rows)
    text = mail.text.replace(UNSUBSCRIBE_MARK, unsubscribe_url)
    return Instrumented(html, text, tracking, unsubscribe, unsubscribe_url)


@dataclass(frozen=True)
class _Places:
    """The links of one mail, numbered as they come."""

    message_id: str
    base: str
    sign: Signer
    rows: list[dict[str, Any]]

    def replace(self, found: re.Match[str]) -> str:
        before, quoted = found.groups()
        url = unescape(quoted.strip("\"'")).strip()
        if not self._followed(url):
            return found.group()
        return f'{before}"{escape(self._address(url, hidden=False))}"'

    def hidden(self) -> str:
        """A link that no reader sees, and that only a program follows."""
        address = escape(self._address(f"{self.base}/", hidden=True))
        return (
            f'<a href="{address}" style="display:none" aria-hidden="true" tabindex="-1"'
            ' rel="nofollow"></a>'
        )

    def _followed(self, url: str) -> bool:
        if len(self.rows) >= MOST_LINKS or len(url) > _LONGEST or url.startswith(f"{self.base}/u/"):
            return False
        return is_web_address(url)

    def _address(self, url: str, *, hidden: bool) -> str:
        token = self.sign.token("click")
        self.rows.append(
            {
                "token": token,
                "message_id": self.message_id,
                "url": url,
                "position": len(self.rows) + 1,
                "hidden": hidden,
            }
        )
        return f"{self.base}/t/c/{token}"


def _pixel(base: str, tracking: str) -> str:
    address = escape(f"{base}/t/o/{tracking}.gif")
    return f'<img src="{address}" width="1" height="1" alt="" style="border:0">'


def _at_end(html: str, addition: str) -> str:
    ends = list(_BODY_END.finditer(html))
    place = ends[-1].start() if ends else len(html)
    return html[:place] + addition + html[place:]
