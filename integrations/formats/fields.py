"""The canonical fields of each purpose and the column headings people give them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

JOINER = " + "


_PUNCTUATION = re.compile(r"[\W_]+", re.UNICODE)
_ZONE_IN_HEADER = re.compile(r"\((UTC|GMT|[A-Z][A-Za-z]+/[A-Za-z_/+-]+)\)\s*$")


@lru_cache(maxsize=8192)
def normalise(header: str) -> str:
    """A heading as the alias tables spell it: folded case and width, words apart by one blank."""
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "").casefold()
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join(_PUNCTUATION.sub(" ", plain).split()))


class Field(NamedTuple):
    """A field the mapper offers. `aliases` are normalised headings, best first."""

    label: str
    required: bool
    aliases: tuple[str, ...]


def _field(label: str, aliases: str, *, required: bool = False) -> Field:
    return Field(label, required, tuple(dict.fromkeys(map(normalise, aliases.split("|")))))


ATTENDANCE: dict[str, Field] = {
    "email": _field(
        "Email",
        "email|email address|e mail|e mail address|mail|attendee email|user email|work email"
        "|business email|participant email|contact email|login email|registrant email|buyer email"
        "|email id|emailaddress|correo electronico|adresse e mail|e mail adresse|メール",
        required=True,
    ),
    "name": _field(
        "Name",
        "name|full name|attendee name|user name|participant|participant name|contact|contact name"
        "|attendee|registrant|registrant name|username|user|display name|fullname|nombre|nom"
        "|nombre completo|nom complet|名前",
        required=True,
    ),
    "first_name": _field(
        "First name",
        "first name|firstname|first|given name|forename|vorname|prenom|buyer first name",
    ),
    "last_name": _field(
        "Last name",
        "last name|lastname|last|surname|family name|nachname|apellido|apellidos|buyer surname"
        "|buyer last name",
    ),
    "company": _field(
        "Customer or company",
        "customer|company|customer name|company name|account|account name|organization"
        "|organisation|organization name|organisation name|client|employer|firma|empresa|societe",
    ),
    "title": _field("Job title", "job title|title|position|jobtitle|job role|funktion|cargo"),
    "event": _field(
        "Event",
        "event|event name|event title|webinar|webinar name|webinar title|session name|meeting name"
        "|meeting title|training|training name|course|course name|session title|class|evento",
    ),
    "event_id": _field(
        "Event number", "event id|webinar id|meeting id|event number|session id|webinar key"
    ),
    "event_type": _field(
        "Event type", "event type|type|type of event|event category|event format|category"
    ),
    "topic": _field("Topic", "topic|event topic|theme|subject|track"),
    "event_start": _field(
        "Event start",
        "event start|event start time|event start date|event date|session date|webinar date"
        "|scheduled time|start date|actual start time|meeting start time|date of event",
    ),
    "event_minutes": _field(
        "Event length", "event duration|event duration minutes|scheduled duration|event length"
    ),
    "date": _field(
        "Date", "date|datetime|date time|timestamp|attended on|attendance date|fecha|datum"
    ),
    "status": _field(
        "Status",
        "status|attendance status|attended|attendance|attendee status|attended event|present"
        "|checked in|participation|participation status|registration status|did attend|attended?"
        "|is checked in|estado",
    ),
    "registered_at": _field(
        "Registered at",
        "registration time|registered at|registration date|registered on|registration date time"
        "|registered|signup date|order date|created at|enrolled on",
    ),
    "joined_at": _field(
        "Joined at",
        "join time|joined at|joined|join|time joined|login time|check in time|checked in at"
        "|first join|entry time|arrival|first seen|joined on",
    ),
    "left_at": _field(
        "Left at",
        "leave time|left at|left|leave|time left|logout time|last leave|exit time|departure"
        "|last seen|check out time|checked out at",
    ),
    "minutes": _field(
        "Minutes attended",
        "duration|duration minutes|minutes|minutes attended|time in session|attendance duration"
        "|time in session minutes|total minutes|attended minutes|time attended|minutes viewed"
        "|in session duration|duration mins|duration min|total duration|total duration minutes"
        "|time spent|watch time|viewing time|session duration|attendance minutes|minutes watched",
    ),
    "questions": _field(
        "Questions asked",
        "questions|questions asked|asked questions|q a|q&a|question count|number of questions"
        "|qa questions|questions count|chat messages",
    ),
    "polls": _field(
        "Polls answered",
        "polls|polls answered|poll responses|answered polls|poll answers|poll count|poll votes",
    ),
    "downloads": _field(
        "Downloads",
        "downloads|resources downloaded|resource downloads|handouts|downloaded|files downloaded",
    ),
    "feedback": _field(
        "Feedback score",
        "feedback|feedback score|rating|survey score|satisfaction|score|stars|survey rating|csat",
    ),
    "sessions": _field("Sessions attended", "sessions|sessions attended|tracks attended"),
    "role": _field("Role", "role|attendee type|participant type|attendee role|user type"),
    "country": _field(
        "Country", "country|country region|country region name|country name|pais|land|pays"
    ),
}

CUSTOMERS: dict[str, Field] = {
    "name": _field(
        "Name",
        "name|customer|customer name|company|company name|account name|account|organization"
        "|organisation|client|organization name|legal name",
        required=True,
    ),
    "external_id": _field(
        "Identifier",
        "external id|customer id|account id|record id|gsid|company id|id|crm id|account number"
        "|18 digit account id|sfdc account id|hs object id|record id company",
    ),
    "domain": _field(
        "Domains",
        "domain|domains|company domain name|website|email domain|email domains|domain name|web site"
        "|alt domain|alt domains|other domains|additional domains|alternate domains|url|company domain",
    ),
    "aliases": _field(
        "Other names", "aliases|alias|other names|also known as|aka|dba|trading names"
    ),
    "parent": _field(
        "Parent customer",
        "parent|parent account|parent company|parent name|parent id|parent account id|parentid"
        "|parent customer|ultimate parent",
    ),
    "segment": _field("Segment", "segment|customer segment|tier|account segment|size band|plan"),
    "industry": _field("Industry", "industry|sector|vertical|industry group"),
    "region": _field("Region", "region|territory|sales region|geo|theatre|theater"),
    "country": _field("Country", "country|country region|billing country|billingcountry"),
    "city": _field("City", "city|billing city|billingcity|town"),
    "time_zone": _field("Time zone", "time zone|timezone|tz"),
    "arr": _field(
        "ARR",
        "arr|annual recurring revenue|acv|contract value|annual contract value|recurring revenue",
    ),
    "currency": _field(
        "Currency", "currency|arr currency|account currency|currency iso code|currencyisocode"
    ),
    "lifecycle_stage": _field(
        "Lifecycle stage", "lifecycle stage|stage|customer stage|lifecycle|status"
    ),
    "started_on": _field(
        "Customer since",
        "started on|customer since|start date|original contract date|contract start|contract start date"
        "|onboarded|created|created date|create date|createddate",
    ),
    "renews_on": _field(
        "Renewal date", "renews on|renewal date|renewal|contract end|contract end date|next renewal"
    ),
    "health_score": _field(
        "Health score",
        "health score|health|current score|health scorecard|customer health|overall score",
    ),
    "csm_name": _field(
        "CSM",
        "csm|csm name|customer success manager|account owner|company owner|owner|account manager|owner name",
    ),
    "csm_email": _field(
        "CSM email",
        "csm email|csm e mail|owner email|account owner email|customer success manager email",
    ),
    "interests": _field("Interests", "interests|topics|topics of interest|products of interest"),
    "goals": _field("Goals", "goals|objectives|desired outcomes|success criteria"),
    "challenges": _field("Challenges", "challenges|pain points|risks|blockers"),
}

STAKEHOLDERS: dict[str, Field] = {
    "email": _field(
        "Email",
        "email|email address|emails|e mail|work email|e mail address|mail|contact email|business email"
        "|secondary email|other email|additional email addresses|alt email|email 2",
        required=True,
    ),
    "customer": _field(
        "Customer",
        "customer|customer id|account id|customer name|company|company name|account|account name"
        "|associated company|accountid|organization|organisation|associated company primary|domain",
        required=True,
    ),
    "external_id": _field(
        "Identifier", "external id|contact id|record id|person id|id|gsid|stakeholder id"
    ),
    "first_name": _field("First name", "first name|firstname|first|given name|forename"),
    "last_name": _field("Last name", "last name|lastname|last|surname|family name"),
    "name": _field(
        "Name", "name|full name|contact name|contact|stakeholder|stakeholder name|fullname"
    ),
    "title": _field("Job title", "title|job title|position|jobtitle"),
    "role": _field("Role", "role|buying role|contact role|stakeholder role|persona"),
    "time_zone": _field("Time zone", "time zone|timezone|tz"),
    "language": _field("Language", "language|preferred language|locale|lang"),
    "unsubscribed": _field(
        "Unsubscribed",
        "unsubscribed|unsubscribed from all email|email opt out|hasoptedoutofemail|opted out|opt out"
        "|do not email",
    ),
    "champion": _field("Champion", "champion|is champion|advocate"),
}

CANONICAL_FIELDS: dict[str, dict[str, Field]] = {
    "attendance": ATTENDANCE,
    "customers": CUSTOMERS,
    "stakeholders": STAKEHOLDERS,
}

# Fields for which several columns of one file are read together ("domain + alt_domains").
GATHERED = {"customers": {"domain"}, "stakeholders": {"email"}}


def header_zone(header: str) -> str | None:
    """The zone a heading states, as in `Registered At (UTC)`; an IANA name or 'UTC'."""
    found = _ZONE_IN_HEADER.search(header)
    if not found:
        return None
    zone = "UTC" if found[1] == "GMT" else found[1]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return zone


def without_zone(header: str) -> str:
    return normalise(_ZONE_IN_HEADER.sub("", header))


def layout_key(header: Sequence[str]) -> str:
    """Stable name of a header; a remembered mapping belongs to it."""
    return hashlib.sha256("\x1f".join(map(normalise, header)).encode()).hexdigest()[:16]


def map_columns(header: Sequence[str], purpose: str) -> dict[str, str]:
    """Canonical field -> column, by alias. A column serves one field; the best alias wins."""
    spelled: dict[str, list[str]] = {}
    for column in header:
        spelled.setdefault(without_zone(column), []).append(column)
    found: dict[str, str] = {}
    taken: set[str] = set()
    gathered = GATHERED.get(purpose, set())
    for name, field in CANONICAL_FIELDS[purpose].items():
        hits = [c for a in field.aliases for c in spelled.get(a, ()) if c not in taken]
        hits = list(dict.fromkeys(hits)) if name in gathered else hits[:1]
        if hits:
            found[name] = JOINER.join(hits)
            taken.update(hits)
    return found


def missing_required(mapping: Mapping[str, str], purpose: str) -> bool:
    """True when a required field has no column: attendance needs an email or a name."""
    if purpose == "attendance":
        return not mapping.keys() & {"email", "name", "first_name", "last_name"}
    if purpose == "stakeholders":
        named = mapping.keys() & {"email", "name", "first_name", "last_name"}
        return not named or "customer" not in mapping
    return "name" not in mapping
