"""People, the audit log, and one's own sign-in and absence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Delegation, OneTimeLink, Person
from services.access import signin
from services.clock import utc_now
from tests.support.apptest import is_theirs, open_page, person, tick, words


@pytest.fixture
def ada(app_database: Engine) -> int:
    return person("Ada", "admin", email="ada@ours.example")


def test_admin_adds_a_colleague_and_gets_their_link_once(ada: int):
    app = open_page("people", ada)
    app.text_input("people.name.new").set_value("Nia Park")
    app.text_input("people.email.new").set_value("nia@ours.example")
    app.button("FormSubmitter:people.form.new-Add").click().run()
    assert "Added" in words(app)
    with transaction(read_only=True) as session:
        nia = session.scalars(select(Person).where(Person.email == "nia@ours.example")).one()
    app = tick(app, 1)
    app.button(f"people.link.per_{nia.id}").click().run()
    assert "/password?key=" in app.code[0].value
    with transaction(read_only=True) as session:
        assert session.scalars(select(OneTimeLink.person_id)).one() == nia.id
    assert not app.run().code


def test_names_stand_as_they_are_typed(ada: int):
    boss = person("Jean-Luc O. *Adler*", "manager", email="jl@ours.example")
    person("Bo", manager=boss)
    app = open_page("people", ada)
    assert "Jean-Luc O. *Adler*" in app.selectbox("people.manager.new").options
    app = tick(app, [*app.dataframe[0].value["Name"]].index("Jean-Luc O. *Adler*"))
    assert app.subheader[0].value == r"Jean\-Luc O\. \*Adler\*"


def test_managers_see_their_team_and_change_nobody(ada: int):
    mia = person("Mia", "manager", email="mia@ours.example")
    person("Dana", manager=mia)
    app = open_page("people", mia)
    assert not any(one.label == "Add" for one in app.button)
    assert list(app.dataframe[0].value["Name"]) == ["Dana", "Mia"]


@pytest.mark.parametrize("key", ["people", "audit_log"])
def test_csm_has_neither_in_the_menu(ada: int, key: str):
    assert not is_theirs(key, person("Dana"))
    assert is_theirs(key, ada)


def test_somebody_arranges_their_own_absence_and_ends_it(ada: int):
    dana, erik = person("Dana"), person("Erik")
    app = open_page("settings", dana)
    app.selectbox("settings.stand_in").set_value(erik)
    app.button("FormSubmitter:settings.absence-Arrange").click().run()
    assert "Arranged" in words(app)
    with transaction(read_only=True) as session:
        number = session.scalars(select(Delegation.id)).one()
    app.button(f"settings.end.dlg_{number}").click().run()
    assert "Over from this moment" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(select(Delegation.ends_at)).one() <= utc_now()


def test_audit_log_shows_who_did_what_and_a_link_to_one_record(ada: int):
    app = open_page("audit_log", ada)
    assert list(app.dataframe[0].value["action"]) == ["person signed in"]
    app.selectbox("audit_log.noun").set_value("person").run()
    assert len(app.dataframe[0].value) == 1
    app = open_page("audit_log", ada, **{"audit_log.record": "cus_999"})
    assert "Nothing fits these filters" in words(app)


def test_signing_out_everywhere_ends_the_sessions_of_other_browsers(ada: int):
    with transaction() as session:
        other = signin.start_session(session, ada, utc_now() - timedelta(hours=1))
    app = open_page("settings", ada)
    next(one for one in app.button if one.label == "Sign out everywhere").click().run()
    with transaction(read_only=True) as session:
        assert signin.find_session(session, other, utc_now()) is None
    assert "You are signed out" in words(app)
