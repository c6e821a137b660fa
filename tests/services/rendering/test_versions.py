"""Words that an admin puts in place: tried, numbered, kept, taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, InvalidMove, NotAllowed, NotFound
from data.tables import AuditEntry, Person, TemplateVersion
from services import rendering
from services.access import Viewer
from services.rendering import versions
from services.rendering.catalogue import file_words

KEY = "spine/personal"
OWN = file_words(KEY)
CHANGED = replace(OWN, subject="{{ subject }}, {{ first_name }}")
SAMPLE = rendering.info(KEY).sample


@pytest.fixture
def admin(session: Session, now: datetime) -> Viewer:
    person = Person(name="Ada Admin", role="admin", created_at=now)
    session.add(person)
    session.flush()
    return Viewer(person.id, person.name, None, "admin", sees_all=True)


def save(session: Session, by: Viewer, now: datetime, words=CHANGED, **said) -> int:
    given = {"note": "Say the name", "based_on": 0} | said
    return versions.save(session, KEY, words, by=by, now=now, **given)


def subject(session: Session) -> str:
    return rendering.render(session, KEY, SAMPLE).subject


def test_new_mails_start_from_the_saved_words(session: Session, admin: Viewer, now: datetime):
    assert save(session, admin, now) == 1
    made = rendering.render(session, KEY, SAMPLE)
    assert (made.subject, made.version) == ("Your questions from Tuesday, Maria", 1)
    assert "<title>Your questions from Tuesday, Maria</title>" in made.html
    assert made.text == rendering.render_version(session, KEY, 0, [SAMPLE])[0].text


def test_many_are_filled_as_one(session: Session, admin: Viewer, now: datetime):
    save(session, admin, now)
    values = [dict(SAMPLE) | {"first_name": f"N{n}"} for n in range(3)]
    made = rendering.render_many(session, KEY, values)
    assert [each.subject[-2:] for each in made] == ["N0", "N1", "N2"]


def test_the_history_says_who_when_and_why(session: Session, admin: Viewer, now: datetime):
    save(session, admin, now)
    newest, own = versions.versions(session, KEY)
    assert (newest.version, newest.by, newest.at, newest.note) == (
        1,
        "Ada Admin",
        now,
        "Say the name",
    )
    assert newest.in_use
    assert newest.words == CHANGED
    assert (own.version, own.words, own.in_use) == (0, OWN, False)


def test_the_products_words_can_be_used_again_and_the_others_stay(
    session: Session, admin: Viewer, now: datetime
):
    save(session, admin, now)
    versions.use(session, KEY, 0, based_on=1, by=admin, now=now)
    assert subject(session) == "Your questions from Tuesday"
    assert [row.version for row in versions.versions(session, KEY)] == [1, 0]
    versions.use(session, KEY, 1, based_on=0, by=admin, now=now)
    assert subject(session) == "Your questions from Tuesday, Maria"


def test_versions_count_on_after_a_way_back(session: Session, admin: Viewer, now: datetime):
    save(session, admin, now)
    versions.use(session, KEY, 0, based_on=1, by=admin, now=now)
    assert save(session, admin, now) == 2


def test_the_version_in_use_is_listed_however_old_it_is(
    session: Session, admin: Viewer, now: datetime
):
    save(session, admin, now)
    for n in range(1, 4):
        save(session, admin, now, replace(OWN, subject=f"{n}: {{{{ subject }}}}"), based_on=n)
    versions.use(session, KEY, 1, based_on=4, by=admin, now=now)
    listed = [(row.version, row.in_use) for row in versions.versions(session, KEY, limit=2)]
    assert listed == [(4, False), (3, False), (1, True), (0, False)]


def test_the_second_of_two_editors_is_told(session: Session, admin: Viewer, now: datetime):
    save(session, admin, now)
    with pytest.raises(InvalidMove, match="Somebody else"):
        save(session, admin, now, replace(OWN, subject="Re: {{ subject }}"))
    with pytest.raises(InvalidMove, match="Somebody else"):
        versions.use(session, KEY, 0, based_on=0, by=admin, now=now)
    assert subject(session) == "Your questions from Tuesday, Maria"


def test_each_change_is_in_the_audit_log(session: Session, admin: Viewer, now: datetime):
    save(session, admin, now)
    versions.use(session, KEY, 0, based_on=1, by=admin, now=now)
    logged = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert logged == ["template.changed", "template.version_used"]


@pytest.mark.parametrize("role", ["csm", "manager"])
def test_only_an_admin_changes_words(session: Session, now: datetime, role: str):
    other = Viewer(None, "Ana", None, role, sees_all=False)
    with pytest.raises(NotAllowed):
        save(session, other, now)
    with pytest.raises(NotAllowed):
        versions.use(session, KEY, 0, based_on=0, by=other, now=now)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (OWN, "in use already"),
        (replace(OWN, subject=" "), "subject is empty"),
        (replace(OWN, text="x" * 20_001), "longer than 20,000"),
        (replace(OWN, subject="{{ nobody }}"), "nobody is missing"),
        (replace(OWN, text="Hi {{ first_name }"), "text, line 1"),
        (replace(OWN, text=OWN.text + "\nTODO"), "TODO would stay open"),
        (replace(OWN, text=OWN.text + "\nhttps://a.example"), "Only one of text and HTML"),
        (replace(OWN, html=OWN.html + '<a href="https://a.example">x</a>'), "Only one of text"),
        (replace(OWN, html='<a href="javascript:alert(1)">x</a>'), "https://"),
        (replace(OWN, subject="{{ ''.__class__ }}"), "__class__"),
    ],
)
def test_words_that_cannot_be_used_are_not_saved(
    session: Session, admin: Viewer, now: datetime, words, said: str
):
    with pytest.raises(BadInput, match=said):
        save(session, admin, now, words)
    assert versions.version_in_use(session, KEY) == 0
    assert len(versions.versions(session, KEY)) == 1


@pytest.mark.parametrize("note", ["", "  ", "x" * 301])
def test_a_change_needs_its_reason(session: Session, admin: Viewer, now: datetime, note: str):
    with pytest.raises(BadInput, match="why"):
        save(session, admin, now, note=note)


def test_script_in_words_does_not_reach_a_mail(session: Session, admin: Viewer, now: datetime):
    evil = "<script>alert(1)</script><p onclick='x()'>Bye</p><img src='https://evil.example'>"
    save(session, admin, now, replace(OWN, html=OWN.html + evil))
    html = rendering.render(session, KEY, SAMPLE).html
    assert "<p>Bye</p>" in html
    assert not any(sign in html for sign in ("<script", "onclick", "<img", "alert"))


def test_an_unknown_version_or_template_is_not_found(
    session: Session, admin: Viewer, now: datetime
):
    with pytest.raises(NotFound):
        versions.use(session, KEY, 7, based_on=0, by=admin, now=now)
    with pytest.raises(NotFound):
        versions.save(session, "spine/nothing", OWN, note="x", based_on=0, by=admin, now=now)


def test_the_first_of_two_who_save_at_once_wins(engine: Engine, now: datetime):
    with transaction(engine) as session:
        person = Person(name="Ada Admin", role="admin", created_at=now)
        session.add(person)
        session.flush()
        by = Viewer(person.id, person.name, None, "admin", sees_all=True)

    def attempt(note: str) -> str:
        try:
            with transaction(engine) as session:
                save(session, by, now, note=note)
        except InvalidMove:
            return "told"
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(attempt, ["a", "b", "c", "d"]))
    assert sorted(ends) == ["saved", "told", "told", "told"]
    with transaction(engine) as session:
        assert [row.version for row in versions.versions(session, KEY)] == [1, 0]


def test_the_difference_is_told_part_by_part():
    changed = [
        line.text for line in versions.words_difference(OWN, CHANGED) if line.kind == "added"
    ]
    assert changed == ["{{ subject }}, {{ first_name }}"]


def updated(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    """The app comes with other words of this template."""
    newer = replace(OWN, **changes)
    monkeypatch.setattr(versions, "file_words", lambda _key: newer)


def test_what_the_product_changed_under_saved_words_is_told_until_somebody_has_looked(
    session: Session, admin: Viewer, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    save(session, admin, now)
    newest, _ = versions.versions(session, KEY)
    assert (newest.over, versions.overtaken(session)) == (OWN, [])

    updated(monkeypatch, subject="{{ subject }} for you")
    assert versions.overtaken(session) == [KEY]
    newest, own = versions.versions(session, KEY)
    assert newest.over is not None
    changed = versions.words_difference(newest.over, own.words)
    assert [line.text for line in changed if line.kind == "added"] == ["{{ subject }} for you"]

    versions.keep_ours(session, KEY, 1, by=admin, now=now)
    assert versions.overtaken(session) == []
    assert versions.versions(session, KEY)[0].words == CHANGED
    updated(monkeypatch, subject="Hello")
    assert versions.overtaken(session) == [KEY]
    save(session, admin, now, replace(CHANGED, subject="{{ subject }}!"), based_on=1)
    assert versions.overtaken(session) == []


def test_words_of_which_it_is_not_known_what_they_were_put_over_are_not_doubted(
    session: Session, admin: Viewer, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    """Those of before this was kept; and words that are not in use."""
    save(session, admin, now)
    row = session.scalars(select(TemplateVersion)).one()
    kept, row.over = row.over, None
    updated(monkeypatch, subject="Hello")
    assert versions.overtaken(session) == []
    row.over = kept
    versions.use(session, KEY, 0, based_on=1, by=admin, now=now)
    assert versions.overtaken(session) == []


def test_only_an_admin_says_that_ours_stay_and_only_of_the_words_in_use(
    session: Session, admin: Viewer, now: datetime
):
    save(session, admin, now)
    with pytest.raises(NotAllowed):
        versions.keep_ours(session, KEY, 1, by=replace(admin, role="csm"), now=now)
    with pytest.raises(InvalidMove):
        versions.keep_ours(session, KEY, 2, by=admin, now=now)
    versions.use(session, KEY, 0, based_on=1, by=admin, now=now)
    with pytest.raises(InvalidMove):
        versions.keep_ours(session, KEY, 1, by=admin, now=now)
