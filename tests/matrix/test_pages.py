"""Every page, for every role, with one's own record and with somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.navigation import SCREENS
from tests.matrix.world import World
from tests.support.apptest import open_page

ROLES = ("csm", "manager", "admin")
RECORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "today": (),
    "ask": (),
    "drafts": (("customer", "customer"),),
    "send_queue": (("id", "outbox"), ("customer", "customer")),
    "draft": (("id", "draft"),),
    "invitations": (("customer", "customer"),),
    "engagement": (("customer", "customer"),),
    "risk": (("signal", "signal"), ("customer", "customer")),
    "backtest": (),
    "advocacy": (("opportunity", "opportunity"),),
    "events": (),
    "event": (),
    "plan_event": (),
    "event_analysis": (),
    "impact": (),
    "campaigns": (),
    "one_campaign": (),
    "tickets": (("customer", "customer"),),
    "one_ticket": (("id", "ticket"),),
    "customers": (),
    "customer": (("id", "customer"),),
    "upload": (("id", "upload"),),
    "record_attendance": (),
    "match_review": (),
    "scoring_settings": (),
    "templates": (),
    "suppression": (),
    "mailboxes": (),
    "integrations": (),
    "people": (),
    "audit_log": (),
    "settings": (),
}
"""By screen: what in its address names a record, and of what kind. Templates are everybody's."""
EVERYBODYS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "event": ("event.view", "past", ("People", "Invitations", "Follow-up", "Impact", "Details")),
    "plan_event": ("", "event", ("",)),
    "invitations": ("invitations.view", "event", ("Invite", "What it came to")),
    "one_campaign": ("campaign.view", "campaign", ("Overview", "People", "Edit")),
}
"""Screens of events and campaigns, which are everybody's though the people in them are not: what in the address
names the view, the kind of record, and the views."""
OPENED = [(screen.key, role) for screen in SCREENS for role in ROLES if role in screen.roles]
NAMED = [(key, *one) for key, named in RECORDS.items() for one in named]
OTHERS = ("csm", "manager")
"""Who does not see everybody's customers."""
VIEWED = [
    (key, name, view, kind) for key, (name, kind, views) in EVERYBODYS.items() for view in views
]

ONE_AS_MANY = re.compile(
    rb"(?<![\d.,:/#+-])(?<!of )1 (?!is |was |has |as |this |plus )[a-z]{2,}s\b"
)


def test_every_screen_has_its_row():
    assert set(RECORDS) == {screen.key for screen in SCREENS}


@pytest.mark.parametrize(("key", "role"), OPENED)
def test_page_shows_nothing_of_another_portfolio(two_portfolios: World, key: str, role: str):
    app = open_page(key, getattr(two_portfolios, role))
    assert not app.exception
    assert miscounted(app) == set()
    if role != "admin":
        assert leaked(app, two_portfolios) == []
    elif key == "customers":  # or the search would find nothing anywhere
        assert len(leaked(app, two_portfolios)) > 10


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize(("key", "name", "kind"), NAMED)
def test_address_with_another_s_record_shows_none_of_it(
    two_portfolios: World, key: str, name: str, kind: str, role: str
):
    app = open_page(key, getattr(two_portfolios, role), **{name: two_portfolios.foreign[kind]})
    assert not app.exception
    assert leaked(app, two_portfolios) == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("key", "name", "view", "kind"), VIEWED)
def test_view_of_what_is_everybody_s_names_nobody_of_another_portfolio(
    two_portfolios: World, key: str, name: str, view: str, kind: str, role: str
):
    asked = {"id": two_portfolios.foreign[kind]} | ({name: view} if name else {})
    app = open_page(key, getattr(two_portfolios, role), **asked)
    assert not app.exception
    if role in OTHERS:
        assert leaked(app, two_portfolios) == []
    elif view == "People":  # or the search would find nothing anywhere
        assert leaked(app, two_portfolios) != []


def miscounted(app: AppTest) -> set[bytes]:
    """Plurals of one thing, such as “1 customers”, anywhere in what was sent to the browser."""
    return {found for part in _sent(app) for found in ONE_AS_MANY.findall(part)}


def leaked(app: AppTest, known: World) -> list[bytes]:
    """The canaries anywhere in what was sent to the browser: texts, options, tables, charts."""
    sent = b"\n".join(_sent(app))
    # Names stand escaped in Markdown.
    plain = sent.replace(b"\\", b"")
    return [word for word in known.canaries if word in plain]


def _sent(app: AppTest) -> Iterator[bytes]:
    blocks: list[Any] = list(app._tree.children.values())
    while blocks:
        node = blocks.pop()
        blocks.extend(getattr(node, "children", {}).values())
        proto = getattr(node, "proto", None)
        if proto is not None:
            yield proto.SerializeToString()
