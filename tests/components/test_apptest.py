from __future__ import annotations

from sqlalchemy import Engine

from tests.support.apptest import open_page, person, words


def test_signed_in_person_sees_the_page(app_database: Engine):
    app = open_page("today", as_=person("Ana"))
    assert not app.exception
    assert app.title[0].value == "Today"


def test_signed_out_visitor_sees_only_the_way_in(app_database: Engine):
    app = open_page("today", as_=None)
    assert not app.exception
    assert not app.title
    assert "signed out" in words(app)
