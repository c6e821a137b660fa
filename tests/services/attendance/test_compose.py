"""What one person reads is about what that person did."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import rendering
from services.attendance.follow_up.compose import STAYED, Composed, Composer, template_for
from services.attendance.follow_up.records import Deeds, Guest, House, Occasion, Part, Resource
from services.attendance.follow_up.relevance import about, matches, terms
from services.rendering.catalogue import file_fill

KNOWN = {one.key for one in rendering.catalogue()}
TITLES = ("Rate limits", "Retries", "Security review", "Dashboards")
OCCASION = Occasion(
    event_id=7,
    name="API best practices",
    type="webinar",
    topic="Automation",
    held_on=date(2026, 11, 10),
    minutes=60,
    polls_asked=4,
    parts=tuple(
        Part(n, title, None, (title,), (f"Keep this of {title.lower()}.",))
        for n, title in enumerate(TITLES, 1)
    ),
    resources=(Resource("Recording", "https://video.example.com/w/1"),),
)
HOUSE = House(1, "TechCorp", None, 5, "Dana", "", goals=("Automate renewal reminders",))
OTHER = House(2, "DataPro", None, 5, "Dana", "", goals=("Automate renewal reminders",))
words = st.text("abcdefgh ", min_size=3, max_size=30).map(str.strip).filter(lambda t: len(t) > 2)
deeds = st.builds(
    Deeds,
    came=st.just(True),
    minutes=st.none() | st.sampled_from([5.0, 20.0, 40.0, 41.0, 57.0, 58.0]),
    questions=st.none() | st.integers(0, 4),
    asked=st.lists(words, max_size=3, unique=True).map(tuple),
    polls=st.none() | st.integers(0, 4),
    downloads=st.none() | st.integers(0, 3),
    feedback=st.booleans(),
    completed=st.none() | st.booleans(),
    passed=st.none() | st.booleans(),
    sessions=st.lists(st.sampled_from(TITLES), unique=True, max_size=4).map(tuple),
)


def mail(done: Deeds, house: House = HOUSE, occasion: Occasion = OCCASION) -> Composed:
    return Composer(occasion, KNOWN).compose(Guest(1, "Maria", house.customer_id, done), house)


def body(done: Deeds, house: House = HOUSE) -> str:
    made = mail(done, house)
    return file_fill(made.template)(made.values).text


def deed(done: Deeds) -> tuple[object, ...]:
    """What a person did, as far as anybody would call it something else."""
    texts = len(done.asked)
    return (
        done.minutes,
        max(done.questions or 0, texts) if (done.questions or 0) > texts else texts,
        done.asked,
        done.polls or 0,
        done.downloads or 0,
        done.feedback,
        bool(done.passed),
        bool(done.completed or done.passed),
        done.sessions,
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Deeds, Deeds]:
    """Two people who may differ in a single thing, or in many, or not at all."""
    first, second = draw(deeds), draw(deeds)
    names = draw(st.sets(st.sampled_from([field.name for field in fields(Deeds)])))
    return first, replace(first, **{name: getattr(second, name) for name in names})


@settings(max_examples=200)
@given(pairs())
def test_two_people_get_the_same_body_only_when_they_did_the_same(pair: tuple[Deeds, Deeds]):
    first, second = pair
    for house in (HOUSE, replace(HOUSE, goals=())):
        same = body(first, house) == body(second, house)
        assert same == (deed(first) == deed(second))


@pytest.mark.parametrize(
    "known", ["goals", "challenges", "interests", "nothing in common", "nothing"]
)
def test_offer_names_the_customer_it_is_made_to(known: str):
    said: dict[str, Any] = {"goals": ()}
    if known == "nothing in common":
        said["goals"] = ("Open a warehouse",)
    elif known != "nothing":
        said[known] = ("Automate renewal reminders",)
    done = Deeds(came=True, minutes=40)
    for house in (replace(HOUSE, **said), replace(OTHER, **said)):
        assert house.name in mail(done, house).values["offer"]


def test_minutes_are_told_where_the_schedule_is_not_known():
    made = mail(Deeds(came=True, minutes=0.4), occasion=replace(OCCASION, minutes=None))
    assert made.values["stayed"] == "You were there for 1 minute."


@settings(max_examples=100)
@given(deeds)
def test_each_sentence_about_a_person_is_a_claim_of_the_evidence(done: Deeds):
    made = mail(done)
    claims = " ".join(one.claim for one in made.evidence)
    values = made.values
    told = [*values["deeds"], *values["sessions"], *values["questions"], values["offer"]]
    told += [one["text"] for one in values["takeaways"]] + [values["stayed"]]
    assert [line for line in told if line not in claims] == []


@settings(max_examples=100)
@given(deeds)
def test_nothing_is_said_of_what_nobody_did(done: Deeds):
    text = body(done)
    assert ("downloaded" in text) == bool(done.downloads)
    assert ("feedback" in text) == done.feedback
    assert ("You asked:" in text) == bool(done.asked)
    assert "None" not in text


def test_takeaways_are_of_the_sessions_this_person_was_in():
    made = mail(Deeds(came=True, sessions=("Retries",)))
    assert [one["session"] for one in made.values["takeaways"]] == ["Retries"]


def test_sessions_that_others_were_in_are_not_told_as_ones_own():
    """By words, since a platform adds a room; nothing is taken from sessions that the programme does not name."""
    told = replace(OCCASION, type="conference", told_sessions=True)

    def shown(*sessions: str, occasion: Occasion = told) -> tuple[set[str], bool]:
        made = mail(Deeds(came=True, minutes=5, sessions=sessions), occasion=occasion)
        text = file_fill(made.template)(made.values).text
        assert "spending the day" not in text, "they could only look in"
        return {one["session"] for one in made.values["takeaways"]}, "From your sessions" in text

    assert shown("RETRIES – Room 2", "A talk of the sponsor") == ({"Retries"}, True)
    assert shown("A talk of the sponsor") == (set(), False)
    assert shown("A review") == (set(), False)
    assert shown() == (set(), False)
    assert shown(occasion=replace(told, told_sessions=False)) == (set(TITLES), False)
    twice = (*OCCASION.parts, Part(9, "Retries for finance", None, (), ("On money.",)))
    assert shown("Retries", occasion=replace(told, parts=twice)) == ({"Retries"}, True)
    assert shown("Retries in", occasion=replace(told, parts=twice)) == (set(), False)


def test_question_brings_its_takeaway_first_when_there_are_too_many():
    many = tuple(
        Part(n, title, None, (), (f"On {title.lower()} one.", f"On {title.lower()} two."))
        for n, title in enumerate(TITLES, 1)
    )
    made = mail(
        Deeds(came=True, asked=("Who signs the security review?",)),
        occasion=replace(OCCASION, parts=many),
    )
    shown = [one["session"] for one in made.values["takeaways"]]
    assert len(shown) == 4
    assert shown.count("Security review") == 2


def test_goal_in_common_is_offered_with_its_words_and_another_is_not_claimed():
    near = mail(Deeds(came=True))
    assert "Automate renewal reminders" in near.values["offer"]
    assert "In common with the event: automate." in near.evidence[-1].fact
    far = mail(Deeds(came=True), replace(HOUSE, goals=("Open a warehouse",)))
    assert "shares no words" in far.evidence[-1].fact
    none = mail(Deeds(came=True), replace(HOUSE, goals=()))
    assert "No goal" in none.evidence[-1].fact


def test_template_is_chosen_by_what_happened_type_and_segment():
    came, missed = Deeds(came=True), Deeds(came=False)
    assert template_for("webinar", "SMB", came, KNOWN) == "attendance/webinar"
    assert template_for("webinar", "Enterprise", came, KNOWN) == "attendance/webinar_enterprise"
    assert template_for("roundtable", None, came, KNOWN) == "attendance/event"
    assert template_for("training", None, missed, KNOWN) == "attendance/no_show_training"
    assert template_for("meetup", None, missed, KNOWN) == "attendance/no_show"
    assert template_for("webinar", None, Deeds(came=True, spoke=True), KNOWN).endswith("speaker")


def test_words_with_one_stem_meet_and_empty_ones_do_not():
    assert terms("Automating renewals") & terms("Automation in practice")
    assert not terms("Best practices for your team") & terms("Team training this week")
    assert matches(HOUSE, about(["Workflow automation"]))[0].words == ("automate",)
    assert matches(HOUSE, about(["Security"])) == []


def test_shares_of_the_schedule_go_down_to_nothing():
    assert [a > b for (a, _), (b, _) in pairwise(STAYED)] == [True] * (len(STAYED) - 1)
    assert STAYED[-1][0] == 0
