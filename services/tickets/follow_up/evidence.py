"""What each sentence of a follow-up rests on, and where that can be seen. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.ids import public_id
from services.plurals import plural
from services.tickets.follow_up.phrases import day_of, lasted, resolution_of
from services.tickets.follow_up.records import SCREEN, Case, Evidence, Relation


def evidence_for(
    values: Mapping[str, Any], cases: Sequence[Case], relation: Relation
) -> Iterator[Evidence]:
    """Of the values that fill the template, the gravest ticket first."""
    for one, shown in zip(cases, values["recap"], strict=False):
        yield from _of_case(one, shown)
    yield from _of_tone(values, cases[0])
    yield from _of_relation(relation)
    if values["promise"]:
        yield _of(cases[0], values["promise"], "Becomes a task of yours when this mail leaves.")
    if not values["rating_url"]:
        why = "The desk, or an earlier mail of ours, has asked already."
        yield _of(cases[0], "No rating is asked for", why)


def not_the_chosen(name: str | None, lead: Case) -> Iterator[Evidence]:
    """Where somebody had been chosen who can no longer be written to."""
    if name is not None:
        fact = "They have left, said no to mails or have no address by now, so it goes to somebody else."
        yield _of(lead, f"{name} was chosen to be written to", fact)


def _of_case(one: Case, shown: Mapping[str, str]) -> Iterator[Evidence]:
    fact = (
        f"Severity {one.severity or 'not told'}, {plural(one.points, 'point')}; opened {day_of(one.opened_at)},"
        f" {shown['status']}, open for {lasted(one.hours)}."
    )
    yield _of(one, f"Ticket {one.number}: {shown['issue']}", fact)
    if shown["resolution"]:
        yield _of(one, shown["resolution"], "The resolution as the desk has it.")
    else:
        fact = "The desk tells none: say in a sentence what was done."
        if one.answer:
            fact = f"{fact} Its last answer to them: “{resolution_of(one.answer)}”"
        yield _of(one, "No resolution is told", fact)


def _of_tone(values: Mapping[str, Any], lead: Case) -> Iterator[Evidence]:
    if values["sorry"]:
        quoted = ", ".join(f"“{phrase}”" for phrase in lead.phrases[:3])
        told = f"; their words: {quoted}" if quoted else ""
        fact = f"{plural(lead.points, 'point')}; tone of the customer's own words: {lead.sentiment}{told}."
        yield _of(lead, values["sorry"], fact)
    for line in values["course"]:
        yield _of(lead, line, "From the history of the ticket.")
    if lead.escalated_to:
        yield _of(lead, f"Escalated to {lead.escalated_to}", "From the history of the ticket.")


def _of_relation(relation: Relation) -> Iterator[Evidence]:
    query = {"id": public_id("customer", relation.customer_id)}
    before, lowest = relation.health_before, relation.health_lowest
    if before is not None and lowest is not None and lowest < before:
        fact = f"{before} when it was opened, {lowest} at the lowest."
        yield Evidence("Health fell during the ticket", fact, "customer", query)
    if relation.at_risk:
        yield Evidence("The customer is at risk", "An open risk signal.", "customer", query)


def _of(one: Case, claim: str, fact: str) -> Evidence:
    return Evidence(claim, fact, SCREEN, {"id": public_id("ticket", one.id)})
