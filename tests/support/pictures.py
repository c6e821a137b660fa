"""The pictures of the guide: which screen each shows, and how it becomes a small file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.support.browser import MAIN, settle
from tests.support.demo_week import CSM, MANAGER
from tests.support.rules import ROOT

FOLDER = ROOT / "docs" / "images"
WIDTH = 1280
FAINT = 4
"""Of 255: a difference in shade that nobody sees."""
MOST_BYTES = 2_000_000
"""All of them together."""


@dataclass(frozen=True)
class Shot:
    """`address` may hold `{customer:TechFlow}` and the like: the public id of the record of that name.

    `shows` is what the page says once it is drawn; `then` brings it to what the picture is about.
    """

    name: str
    who: str
    address: str
    shows: str
    height: int = 800
    mode: Literal["light", "dark"] = "light"
    then: Callable[[Page], None] | None = None

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.webp"


def _ask(page: Page) -> None:
    for words in (
        "Who came to the last webinar?",
        "Invite DataFlow to the Customer Success Summit",
    ):
        box = page.get_by_test_id("stChatInputTextArea")
        box.fill(words)
        box.press("Enter")
        settle(page)
    _up_to("1 invitation drafted")(page)


def _up_to(words: str) -> Callable[[Page], None]:
    """Scroll so that what says this is in the middle."""

    def scroll(page: Page) -> None:
        place = page.locator(MAIN).get_by_text(words).last
        place.evaluate("one => one.scrollIntoView({block: 'center'})")
        settle(page)

    return scroll


FIRST_STEPS = Shot("first-steps", "", "", "Load your customers")
UPLOAD = Shot("upload", CSM, "upload", "Import")
SHOTS = (
    Shot("board", MANAGER, "engagement", "Engagement"),
    Shot("board-dark", MANAGER, "engagement", "Engagement", mode="dark"),
    Shot("match-review", MANAGER, "match_review", "Match review"),
    Shot("engagement", MANAGER, "engagement?customer={customer:TechCorp}", "Frequency"),
    Shot("risk", MANAGER, "risk", "Risk"),
    Shot("advocacy", MANAGER, "advocacy", "Advocacy"),
    Shot("events", MANAGER, "event?id={event:Ask Me Anything: Reporting}", "Ask Me Anything"),
    Shot("invitations", CSM, "invitations?id={event:Customer Success Summit}", "Invitations"),
    Shot("campaigns", MANAGER, "campaigns", "Campaigns"),
    Shot("tickets", CSM, "one_ticket?id={ticket:TF-2024-0847}&ticket.view=Level", "Relationship repair",
         then=_up_to("Escalated to engineering")),
    Shot("drafts", CSM, "draft?id={draft:event_follow_up}", "What it rests on"),
    Shot("today", CSM, "", "Best next"),
    Shot("customers", CSM, "customer?id={customer:TechFlow}", "TechFlow"),
    Shot("administration", MANAGER, "people", "People"),
    Shot("ask", "Kwame Boateng", "ask", "Ask", then=_ask),
    Shot("impact", MANAGER, "impact", "Bulk mail matched", height=1260),
    Shot("impact-dark", MANAGER, "impact?impact.view=Load+and+promises", "What waits", mode="dark"),
)  # fmt: skip
ALL = (FIRST_STEPS, UPLOAD, *SHOTS)


def take(page: Page, shot: Shot) -> None:
    """The window as it is, into the shot's file: without loss, since words on a plain ground are small so."""
    page.mouse.move(0, 0)
    drawn = page.screenshot(animations="disabled", caret="hide")
    FOLDER.mkdir(exist_ok=True)
    with Image.open(BytesIO(drawn)) as opened:
        image = opened.convert("RGB")
    if not (shot.file.exists() and _looks_like(shot.file, image)):
        image.save(shot.file, "WEBP", lossless=True, method=6)


def _looks_like(file: Path, image: Image.Image) -> bool:
    """But for shades of a line below a veil, which a browser does not mix alike each time."""
    with Image.open(file) as before:
        if before.size != image.size:
            return False
        difference = ImageChops.difference(before.convert("RGB"), image)
    return difference.point([255 * (shade > FAINT) for shade in range(256)] * 3).getbbox() is None
