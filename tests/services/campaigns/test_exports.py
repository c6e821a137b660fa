"""Logs of mail from files: what each row tells."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.tables.ledger import EVENT_WORDS
from integrations.formats import read
from integrations.formats.mail_words import EITHER, EVENTS
from services.campaigns.exports import About, Exported, exported

HEAD = "email,campaign,url,created_at"


def told(folder: Path, *lines: str) -> Exported:
    path = folder / "log.csv"
    path.write_text("\n".join(lines))
    file = read(path, purpose="mail")
    assert not file.needs_mapping
    day, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    return exported(file.rows, About(file.format, "News", day, "UTC", later))


def kinds(found: Exported) -> list[str]:
    return [EVENT_WORDS[kind] for kind in found.events.sort("line")["kind"]]


def row(number: int, *cells: str) -> str:
    start = f"p{number}@a.example,News,https://ours.example/a,2026-10-02T09:0{number}:00Z"
    return ",".join([start, *cells])


@pytest.mark.parametrize(
    "words",
    [
        ("Delivered", "Opened", "Clicked"),
        ("EMAIL_DELIVERED", "email_opened", "email_clicked"),
        ("email.delivered", "email.opened", "email.clicked"),
        ("Email was delivered", "Opened Email", "Link clicked"),
    ],
)
def test_words_by_which_the_column_is_known_are_understood(tmp_path: Path, words: tuple[str, ...]):
    found = told(tmp_path, f"{HEAD},State", *(row(n, word) for n, word in enumerate(words)))
    assert kinds(found) == ["delivered", "open", "click"]
    assert found.rows["problem"].null_count() == 3


def test_no_word_makes_a_column_that_of_events_and_is_refused_in_it(tmp_path: Path):
    words = sorted(EVENTS | EITHER)
    lines = [
        f"p{n}@a.example,News,https://ours.example/a,2026-10-02,{word}"
        for n, word in enumerate(words)
    ]
    found = told(tmp_path, f"{HEAD},Event", *lines)
    assert found.rows.filter(found.rows["problem"].is_not_null())["email"].to_list() == []
    assert found.events.height == len(words)


def test_no_in_a_column_of_clicks_is_nobodys_click(tmp_path: Path):
    lines = [row(0, "No", "Yes"), row(1, "Yes", "Yes"), row(2, "No", "No")]
    found = told(tmp_path, f"{HEAD},Clicked,Opened", *lines)
    assert sorted(
        (email, EVENT_WORDS[kind])
        for email, kind in found.events.select("email", "kind").iter_rows()
        if EVENT_WORDS[kind] in ("open", "click")
    ) == [("p0@a.example", "open"), ("p1@a.example", "click"), ("p1@a.example", "open")]


def test_no_in_columns_of_bounces_and_unsubscribes_is_nobodys_click(tmp_path: Path):
    lines = [row(0, "No", "Yes"), row(1, "Yes", "No"), row(2, "No", "No")]
    found = told(tmp_path, f"{HEAD},Bounced,Unsubscribed", *lines)
    said = [
        (email, EVENT_WORDS[kind])
        for email, kind in found.events.select("email", "kind").iter_rows()
    ]
    assert "click" not in {kind for _, kind in said}
    assert [email for email, kind in said if kind == "unsubscribe"] == ["p0@a.example"]
    assert [email for email, kind in said if kind == "hard_bounce"] == ["p1@a.example"]
