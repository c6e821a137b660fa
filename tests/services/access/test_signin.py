"""Signing up by link, in and out; sessions and tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, NotAllowed, NotFound, SignInNeeded, TooMany
from data.settings import Settings
from data.tables import ApiToken, OneTimeLink, Person, SignIn
from services.access import company, passwords, people, signin, tokens, welcome
from services.access.passwords import hash_password, password_fits
from services.access.signin import Tries
from services.access.viewer import viewer_of

PASSWORD = "six unrelated words"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_earlier_tries(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signin, "tries", Tries())
    # The real cost makes each check a tenth of a second; what is tested here does not depend on it.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def owner(session: Session, now: datetime) -> Person:
    made = Person(
        name="Olga",
        role="admin",
        email="olga@example.com",
        created_at=now,
        password_hash=hash_password(PASSWORD, email="olga@example.com"),
    )
    session.add(made)
    session.flush()
    return made


def test_owner_signs_up_by_link_once(session: Session, now: datetime):
    key = welcome.new_link(session, now)
    assert key
    new = welcome.NewOwner(" Olga  Ivanova ", "Olga@Example.com", PASSWORD)
    token = welcome.create_owner(session, key, new, now)
    viewer = signin.viewer_of_token(session, token, now)
    assert viewer is not None
    assert (viewer.name, viewer.email, viewer.role, viewer.sees_all) == (
        "Olga Ivanova",
        "olga@example.com",
        "admin",
        True,
    )
    with pytest.raises(NotAllowed):
        welcome.create_owner(session, key, new, now)
    assert welcome.new_link(session, now) is None


def test_link_ends_after_a_day_and_with_the_next_one(session: Session, now: datetime):
    first = welcome.new_link(session, now)
    assert first
    welcome.check_link(session, first, now + DAY - timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        welcome.check_link(session, first, now + DAY)
    second = welcome.new_link(session, now)
    assert second
    with pytest.raises(NotAllowed):
        welcome.check_link(session, first, now)
    welcome.check_link(session, second, now)


def test_mistake_in_the_form_does_not_use_the_link_up(session: Session, now: datetime):
    key = welcome.new_link(session, now) or ""
    for name, email, password in (
        ("Olga", "olga@example.com", "short"),
        ("Olga", "not an address", PASSWORD),
        (" \n ", "olga@example.com", PASSWORD),
        ("Olga", "olga-long@example.com", "Olga-long@example.com"),
    ):
        with pytest.raises(BadInput):
            welcome.create_owner(session, key, welcome.NewOwner(name, email, password), now)
    assert welcome.create_owner(
        session, key, welcome.NewOwner("Olga", "olga@example.com", PASSWORD), now
    )


def test_two_owners_cannot_come_from_one_link(engine: Engine, now: datetime):
    with transaction(engine) as session:
        key = welcome.new_link(session, now) or ""
    with transaction(engine) as session:
        welcome.create_owner(session, key, welcome.NewOwner("A", "a@example.com", PASSWORD), now)
    with transaction(engine) as session, pytest.raises(NotAllowed):
        welcome.create_owner(session, key, welcome.NewOwner("B", "b@example.com", PASSWORD), now)
    with transaction(engine) as session:
        assert session.scalars(select(Person.email)).all() == ["a@example.com"]


def test_only_hashes_are_kept(session: Session, now: datetime, owner: Person):
    token = signin.sign_in(session, "olga@example.com", PASSWORD, now)
    api = tokens.create_token(session, "x", by=viewer_of(session, owner, now), now=now)
    session.flush()
    kept = str([vars(r) for m in (SignIn, ApiToken, Person) for r in session.scalars(select(m))])
    assert token not in kept
    assert api not in kept
    assert PASSWORD not in kept
    assert owner.password_hash is not None
    assert owner.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("olga@example.com", "wrong"),
        ("olga@example.com", ""),
        ("olga@example.com", "x" * 10_000),
        ("nobody@example.com", PASSWORD),
        ("", ""),
    ],
)
def test_wrong_sign_in_says_the_same_whatever_is_wrong(
    session: Session, now: datetime, owner: Person, email: str, password: str
):
    with pytest.raises(SignInNeeded, match="E-mail address or password is wrong"):
        signin.sign_in(session, email, password, now)
    assert session.scalars(select(SignIn)).all() == []


def test_real_hashes_cost_what_argon2_recommends(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    made = hash_password(PASSWORD, email="olga@example.com")
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in made
    assert password_fits(PASSWORD, made)


def test_password_is_checked_against_something_even_for_nobody():
    assert not password_fits("no account has this password", None)
    assert not password_fits("anything", "not a hash")


def test_sixth_try_within_a_minute_has_to_wait(session: Session, now: datetime, owner: Person):
    for _ in range(signin.TRIES):
        with pytest.raises(SignInNeeded):
            signin.sign_in(session, "Olga@example.com", "wrong", now)
    with pytest.raises(TooMany):
        signin.sign_in(session, "olga@example.com", PASSWORD, now + timedelta(seconds=59))
    assert signin.sign_in(session, "olga@example.com", PASSWORD, now + timedelta(seconds=61))


def test_stranger_who_tries_keeps_nobody_else_out(session: Session, now: datetime, owner: Person):
    email = "olga@example.com"
    for _ in range(signin.TRIES):
        with pytest.raises(SignInNeeded):
            signin.check_password(session, email, "wrong", now, visitor="203.0.113.9")
    with pytest.raises(TooMany):
        signin.check_password(session, email, PASSWORD, now, visitor="203.0.113.9")
    assert signin.check_password(session, email, PASSWORD, now, visitor="198.51.100.1") == owner.id


def test_tries_for_one_address_from_everywhere_have_a_most(now: datetime):
    tries = Tries()
    for n in range(signin.TRIES_OF_ALL):
        tries.count("olga@example.com", now, f"203.0.113.{n}")
    with pytest.raises(TooMany):
        tries.count("olga@example.com", now, "198.51.100.1")
    tries.count("olga@example.com", now + signin.WITHIN, "198.51.100.1")


def test_unknown_addresses_are_slowed_down_alike(session: Session, now: datetime):
    for _ in range(signin.TRIES):
        with pytest.raises(SignInNeeded):
            signin.sign_in(session, "nobody@example.com", "x", now)
    with pytest.raises(TooMany):
        signin.sign_in(session, "nobody@example.com", "x", now)


def test_tries_of_a_flood_are_forgotten(now: datetime):
    tries = Tries()
    for n in range(10_050):
        tries.count(f"{n}@example.com", now)
    tries.count("late@example.com", now + timedelta(minutes=2))
    assert len(tries._tries) == 2


def test_session_ends_when_unused_and_goes_on_when_used(
    session: Session, now: datetime, owner: Person
):
    token = signin.start_session(session, owner.id, now)
    session.flush()
    fresh = signin.find_session(session, token, now)
    assert fresh is not None
    assert not fresh.renew
    later = now + 13 * DAY
    used = signin.find_session(session, token, later)
    assert used is not None
    assert used.renew
    signin.extend(session, token, later)
    assert signin.viewer_of_token(session, token, now + 26 * DAY) is not None
    assert signin.viewer_of_token(session, token, now + 27 * DAY) is None
    signin.extend(session, token, now + 28 * DAY)
    assert signin.viewer_of_token(session, token, now + 28 * DAY) is None


def test_session_of_whom_the_company_vouches_for_ends_however_much_it_is_used(
    session: Session, now: datetime, owner: Person
):
    owner.password_hash = None
    token = signin.start_session(session, owner.id, now)
    session.flush()
    used = signin.find_session(session, token, now + 13 * DAY)
    assert used is not None
    assert not used.renew


def test_signed_out_session_cannot_be_extended(session: Session, now: datetime, owner: Person):
    token = signin.start_session(session, owner.id, now)
    session.flush()
    signin.sign_out(session, token, now)
    signin.extend(session, token, now)
    assert signin.viewer_of_token(session, token, now) is None
    signin.sign_out(session, "unknown", now)


def test_session_that_the_company_vouched_for_ends_however_much_it_is_used(
    session: Session, now: datetime, owner: Person
):
    """Also of somebody who has a password, with which they did not come."""
    by_company = signin.start_session(session, owner.id, now, by_company=True)
    by_password = signin.sign_in(session, "olga@example.com", PASSWORD, now)
    later = now + timedelta(days=10)
    found = signin.find_session(session, by_company, later)
    assert found is not None
    assert not found.renew
    known = signin.find_session(session, by_password, later)
    assert known is not None
    assert known.renew


def test_no_link_makes_an_admin_where_one_comes_in_by_the_company(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    by_company = Settings(oidc_metadata_url="https://sign-in.company.com", oidc_client_id="engage")
    monkeypatch.setattr(people, "settings", lambda: by_company)
    people.ensure_person(session, "ben@example.com", "csm", now)
    key = welcome.new_link(session, now)
    assert key
    welcome.check_link(session, key, now)
    people.ensure_person(session, "ada@example.com", "admin", now)
    assert welcome.new_link(session, now) is None
    with pytest.raises(NotAllowed):
        welcome.check_link(session, key, now)


def test_api_token_stands_for_its_owner_until_revoked(
    session: Session, now: datetime, owner: Person
):
    by = viewer_of(session, owner, now)
    token = tokens.create_token(session, "export", by=by, now=now)
    assert tokens.viewer_of_api_token(session, token, now) == replace(
        by, scopes=frozenset({"write"}), token=token[:12]
    )
    assert tokens.use_unnoted(session, token, now)
    tokens.note_use(session, token, now)
    assert not tokens.use_unnoted(session, token, now + timedelta(minutes=59))
    row = tokens.list_tokens(session, by, now)[0]
    assert (row.name, row.person, row.last_used_at) == ("export", "Olga", now)
    assert token.split("_")[1] == row.prefix
    tokens.revoke_token(session, row.id, by=by, now=now)
    with pytest.raises(SignInNeeded):
        tokens.viewer_of_api_token(session, token, now)


def test_token_of_an_inactive_person_is_worth_nothing(
    session: Session, now: datetime, owner: Person
):
    token = tokens.create_token(session, "", by=viewer_of(session, owner, now), now=now)
    owner.active = False
    with pytest.raises(SignInNeeded):
        tokens.viewer_of_api_token(session, token, now)


@pytest.mark.parametrize(
    ("kept", "may"),
    [
        (None, {"write"}),
        ([], {"write"}),
        (["drafts:approve"], {"drafts:approve", "write"}),
        (["read"], set()),
        (["read", "drafts:approve"], {"drafts:approve"}),
        (["read", "write"], {"write"}),
    ],
)
def test_token_may_what_it_was_made_for_and_an_older_one_what_it_could(
    session: Session, now: datetime, owner: Person, kept: list[str] | None, may: set[str]
):
    by = viewer_of(session, owner, now)
    token = tokens.create_token(session, "", by=by, now=now)
    session.execute(update(ApiToken).values(scopes=kept))
    assert tokens.viewer_of_api_token(session, token, now).scopes == may
    assert set(tokens.list_tokens(session, by, now)[0].scopes) == may


def test_token_makes_no_tokens(session: Session, now: datetime, owner: Person):
    by = viewer_of(session, owner, now)
    token = tokens.create_token(session, "", by=by, now=now)
    itself = tokens.viewer_of_api_token(session, token, now)
    for whose in (None, owner.id):
        with pytest.raises(NotAllowed, match="makes no tokens"):
            tokens.create_token(session, "", by=itself, now=now, person_id=whose)


def test_altered_tokens_are_refused(session: Session, now: datetime, owner: Person):
    token = tokens.create_token(session, "", by=viewer_of(session, owner, now), now=now)
    last = "A" if token[-1] != "A" else "B"
    for forged in (
        "",
        "csx_",
        token[:-1],
        token + "x",
        token[:-1] + last,
        token.upper(),
        f" {token}",
    ):
        with pytest.raises(SignInNeeded):
            tokens.viewer_of_api_token(session, forged, now)


def test_others_cannot_see_revoke_or_borrow_a_token(session: Session, now: datetime, owner: Person):
    ben = people.ensure_person(session, "ben@example.com", "csm", now)
    by = viewer_of(session, ben, now)
    tokens.create_token(session, "hers", by=viewer_of(session, owner, now), now=now)
    hers = tokens.list_tokens(session, viewer_of(session, owner, now), now)[0]
    assert tokens.list_tokens(session, by, now) == []
    with pytest.raises(NotFound):
        tokens.revoke_token(session, hers.id, by=by, now=now)
    with pytest.raises(NotFound):
        tokens.create_token(session, "x", by=by, now=now, person_id=owner.id)
    for_ben = tokens.create_token(
        session, "x", by=viewer_of(session, owner, now), now=now, person_id=ben.id
    )
    assert tokens.viewer_of_api_token(session, for_ben, now).name == "ben"


def test_own_domains_are_cleaned_and_kept(session: Session, now: datetime, owner: Person):
    by = viewer_of(session, owner, now)
    assert company.set_own_domains(session, "@B.com, a.co.uk\n b.com", by=by, now=now) == [
        "a.co.uk",
        "b.com",
    ]
    session.flush()
    assert company.own_domains(session) == ["a.co.uk", "b.com"]
    with pytest.raises(BadInput, match="localhost"):
        company.set_own_domains(session, "localhost", by=by, now=now)
    ben = viewer_of(session, people.ensure_person(session, "ben@example.com", "csm", now), now)
    with pytest.raises(NotAllowed):
        company.set_own_domains(session, "c.com", by=ben, now=now)


@pytest.mark.parametrize(
    "text", ["ümlaut@ours.example", "a..b@ours.example", "a@-ours.example", "a(b)@ours.example"]
)
def test_address_that_mail_cannot_go_to_is_refused(text: str):
    with pytest.raises(BadInput):
        people.email_key(text)


def test_address_in_a_domain_with_an_umlaut_is_taken():
    assert people.email_key("Ada@Bücher.example") == "ada@bücher.example"


@given(st.text(max_size=60))
def test_address_is_either_refused_or_stored_in_one_form(text: str):
    try:
        key = people.email_key(text)
    except BadInput:
        return
    assert people.email_key(key) == key
    assert key == key.strip().lower()
    assert key.count("@") == 1


def test_links_of_other_purposes_do_not_sign_up(session: Session, now: datetime):
    session.add(OneTimeLink(token_hash=signin.hashed("k"), purpose="other", expires_at=now + DAY))
    session.flush()
    with pytest.raises(NotAllowed):
        welcome.check_link(session, "k", now)
