"""What happened in a log of mail is told by words, under whatever heading, and by no words about people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tables import ledger
from integrations.formats import ParsedFile, read
from integrations.formats.mail_words import CONTACTS, EVENTS
from services.campaigns.exports import About, exported

ABOUT = About("", "News", datetime(2026, 1, 1, tzinfo=UTC), "UTC", datetime(2027, 1, 1, tzinfo=UTC))
SENT = ("Delivered", "Opened", "Clicked", "Bounced")
LIST = ("Active", "Subscribed", "Unsubscribed", "Cleaned")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


def log(
    folder: Path, columns: dict[str, tuple[str, ...]], head: str = "email,campaign,url,created_at"
) -> ParsedFile:
    """A click log that nobody knows, with these columns beside."""
    path = folder / "export.csv"
    rows = [
        ",".join((f"p{n}@a.example,News,https://ours.example/a,2026-10-02T09:00:00Z", *cells))
        for n, cells in enumerate(zip(*columns.values(), strict=True))
    ]
    if "campaign" not in head:
        rows = [row.replace(",News", "", 1) for row in rows]
    path.write_text("\n".join((",".join((head, *columns)), *rows)))
    return read(path, purpose="mail")


def kinds(found: ParsedFile) -> list[int]:
    about = About(found.format, *list(vars(ABOUT).values())[1:])
    return exported(found.rows, about).events["kind"].to_list()


@pytest.mark.parametrize("heading", ["Reaction", "State", "What", "Status", "Outcome", "Column 9"])
@pytest.mark.parametrize(
    "head", ["email,campaign,url,created_at", "email,url,timestamp", "email,link,date"]
)
def test_words_of_mail_under_any_heading_say_what_happened(folder: Path, heading: str, head: str):
    found = log(folder, {heading: SENT}, head)
    assert (found.mapping["event"], found.needs_mapping) == (heading, False)
    assert kinds(found) == [ledger.DELIVERED, ledger.OPEN, ledger.CLICK, ledger.HARD_BOUNCE]


@pytest.mark.parametrize("heading", ["Status", "Activity", "Type", "State", "List standing"])
def test_words_about_people_are_no_events(folder: Path, heading: str):
    found = log(folder, {heading: LIST})
    assert (found.format, found.needs_mapping) == ("mail_clicks", False)
    assert "event" not in found.mapping
    assert kinds(found) == [ledger.CLICK] * 4


def test_each_column_for_itself(folder: Path):
    found = log(folder, {"Status": LIST, "Reaction": SENT, "Plan": ("Gold", "Gold", "Silver", "")})
    assert found.mapping["event"] == "Reaction"
    assert kinds(found)[1] == ledger.OPEN
    named = log(folder, {"Type": ("Newsletter",) * 4, "Reaction": SENT})
    assert named.mapping["event"] == "Reaction"
    unknown = log(folder, {"Type": ("Zugestellt",) * 4, "Plan": ("Gold",) * 4})
    assert (unknown.mapping["event"], kinds(unknown)) == ("Type", [])


@pytest.mark.parametrize(
    "columns",
    [
        {"Ticket": ("Open", "Closed", "Open", "Open")},
        {"Deal": ("Open", "Open", "Open", "Open")},
        {"Way": SENT, "Reaction": SENT},
        {"Standing": ("Unsubscribed", "", "", "Unsubscribed")},
    ],
)
def test_who_cannot_tell_asks(folder: Path, columns: dict[str, tuple[str, ...]]):
    assert log(folder, columns).needs_mapping


def test_a_person_who_was_asked_is_believed(folder: Path):
    log(folder, {"Ticket": ("Open", "Closed")})
    mapping = {"email": "email", "campaign_name": "campaign", "url": "url", "at": "created_at"}
    said = read(folder / "export.csv", purpose="mail", mapping=mapping)
    assert (said.needs_mapping, kinds(said)) == (False, [ledger.CLICK] * 2)
    said = read(folder / "export.csv", purpose="mail", mapping=mapping | {"event": "Ticket"})
    assert kinds(said) == [ledger.OPEN]


def test_a_row_without_a_link_is_nobodys_click(folder: Path):
    path = folder / "export.csv"
    path.write_text("email,campaign,url,created_at,Was\na@b.example,News,,2026-10-02T09:00:00Z,Zugestellt\n"
                    "b@b.example,News,https://ours.example/a,2026-10-02T09:00:00Z,Geklickt\n")  # fmt: skip
    found = read(path, purpose="mail")
    assert kinds(found) == [ledger.CLICK]


words = st.sampled_from(sorted(EVENTS | CONTACTS | {"gold", "silver", "42", ""}))
headings = st.sampled_from(
    ["Reaction", "State", "What", "Status", "Outcome", "Plan", "Activity", "Note"]
)


@given(
    columns=st.dictionaries(
        headings, st.lists(words, min_size=3, max_size=3).map(tuple), min_size=1, max_size=3
    )
)
@settings(max_examples=40)
def test_no_row_with_a_word_of_mail_that_is_no_click_becomes_one(
    folder: Path, columns: dict[str, tuple[str, ...]]
):
    """Silently: with several such columns, or a doubtful one, a person is asked. And no words about people alone
    have a row refused."""
    found = log(folder, columns)
    said = [word for cells in columns.values() for word in cells]
    if not found.needs_mapping and "event" not in found.mapping:
        assert not set(said) & EVENTS
    if set(said) <= CONTACTS:
        assert kinds(found) == [ledger.CLICK] * 3
