"""The canonical fields of each purpose and the column headings people give them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from integrations.formats.contact_fields import STAKEHOLDERS
from integrations.formats.headings import Field, field, normalise, spellings
from integrations.formats.mail_exports import MAIL
from integrations.formats.name_halves import with_names
from integrations.formats.statuses import STATUS_HEADINGS
from integrations.formats.ticket_exports import TICKETS

JOINER = " + "

ATTENDANCE: dict[str, Field] = {
    "email": field(
        "Email",
        "email|email address|e mail|e mail address|mail|attendee email|user email|work email|business email"
        "|participant email|contact email|login email|registrant email|buyer email|email id|emailaddress"
        "|correo electronico|adresse e mail|e mail adresse|メール|correo|courriel|adresse electronique|adresse email"
        "|email adresse|indirizzo email|e post|メールアドレス|e mailadresse|mailadresse|e mailadres|emailadres"
        "|adresse mail|indirizzo e mail|endereco de e mail|endereco de email|direccion de correo|adres e mail"
        "|direccion de correo electronico|adres email|e postadress|e postadresse",
        required=True,
    ),
    "name": field(
        "Name",
        "name|full name|attendee name|user name|participant|participant name|contact|contact name|attendee"
        "|registrant|registrant name|username|user|display name|fullname|nombre|nom|nombre completo|nom complet|名前"
        "|nome|nome completo|naam|namn|navn|teilnehmer|氏名",
        required=True,
    ),
    "first_name": field(
        "First name",
        "first name|firstname|first|given name|forename|vorname|prenom|buyer first name|nombre de pila"
        "|primeiro nome|voornaam|imie|fornamn|fornavn",
    ),
    "last_name": field(
        "Last name",
        "last name|lastname|last|surname|family name|nachname|apellido|apellidos|buyer surname|nom de famille"
        "|familienname|cognome|sobrenome|apelido|achternaam|nazwisko|efternamn|etternavn|efternavn|buyer last name",
    ),
    "company": field(
        "Customer or company",
        "customer|company|customer name|company name|account|account name|organization|organisation"
        "|organization name|organisation name|client|employer|firma|empresa|societe|kunde|unternehmen|cliente"
        "|entreprise|azienda|bedrijf|klant|会社名",
    ),
    "title": field("Job title", "job title|title|position|jobtitle|job role|funktion|cargo"),
    "event": field(
        "Event",
        "event|event name|event title|webinar|webinar name|webinar title|session name|meeting name|meeting title"
        "|training|training name|course|course name|session title|class|evento|veranstaltung|evenement|イベント"
        "|wydarzenie|evenemang|arrangement",
    ),
    "event_id": field(
        "Event number", "event id|webinar id|meeting id|event number|session id|webinar key"
    ),
    "event_type": field(
        "Event type",
        "event type|type|type of event|event category|event format|category|veranstaltungsart|type d evenement"
        "|tipo de evento|tipo evento",
    ),
    "topic": field("Topic", "topic|event topic|theme|subject|track"),
    "event_start": field(
        "Event start",
        "event start|event start time|event start date|event date|session date|webinar date|scheduled time"
        "|start date|actual start time|meeting start time|date of event",
    ),
    "event_minutes": field(
        "Event length", "event duration|event duration minutes|scheduled duration|event length"
    ),
    "event_end": field("Event end", "event end|event end time|session end time|meeting end time"),
    "date": field(
        "Date", "date|datetime|date time|timestamp|attended on|attendance date|fecha|datum|data"
    ),
    "status": field("Status", STATUS_HEADINGS),
    "registered_at": field(
        "Registered at",
        "registration time|registered at|registration date|registered on|registration date time|registered"
        "|signup date|order date|created at|enrolled on",
    ),
    "joined_at": field(
        "Joined at",
        "join time|joined at|joined|join|beitrittszeit|time joined|login time|check in time|checked in at"
        "|first join|entry time|arrival|first seen|joined on",
    ),
    "left_at": field(
        "Left at",
        "leave time|left at|left|leave|verlassenszeit|time left|logout time|last leave|exit time|departure"
        "|last seen|check out time|checked out at",
    ),
    "minutes": field(
        "Minutes attended",
        "duration|duration minutes|minutes|dauer|dauer minuten|duree|duracion|minutes attended|time in session"
        "|attendance duration|time in session minutes|total minutes|attended minutes|time attended|minutes viewed"
        "|in session duration|duration mins|duration min|total duration|total duration minutes|time spent"
        "|watch time|viewing time|session duration|attendance minutes|minutes watched"
        "|zeit in sitzung|zeit in sitzung minuten|dauer in minuten|dauer min|anwesenheitsdauer|teilnahmedauer|durata"
        "|duree minutes|duree en minutes|duracion minutos|duracion en minutos|duracao|duracao minutos|durata minuti"
        "|durata in minuti|duur|duur minuten|duur in minuten|czas trwania|varighet|varaktighet|varighed",
    ),
    "questions": field(
        "Questions asked",
        "questions|questions asked|asked questions|q a|q&a|question count|number of questions|qa questions"
        "|questions count|chat messages",
    ),
    "polls": field(
        "Polls answered",
        "polls|polls answered|poll responses|answered polls|poll answers|poll count|poll votes",
    ),
    "downloads": field(
        "Downloads",
        "downloads|resources downloaded|resource downloads|handouts|downloaded|files downloaded",
    ),
    "feedback": field(
        "Feedback score",
        "feedback|feedback score|rating|survey score|satisfaction|score|stars|survey rating|csat",
    ),
    "completed": field(
        "Completed",
        "completed|course completed|is completed|completion date|course completion date|completed at|completed on"
        "|date completed",
    ),
    "passed": field("Passed", "passed|pass|is passed|course passed"),
    "sessions": field("Sessions attended", "sessions|sessions attended|tracks attended"),
    "role": field("Role", "role|attendee type|participant type|attendee role|user type"),
    "country": field(
        "Country", "country|country region|country region name|country name|pais|land|pays"
    ),
}

CUSTOMERS: dict[str, Field] = {
    "name": field(
        "Name",
        "name|customer|customer name|company|company name|account name|account|organization"
        "|organisation|client|organization name|legal name",
        required=True,
    ),
    "external_id": field(
        "Identifier",
        "external id|customer id|18 digit account id|account id 18|account id 18 digits|casesafe account id"
        "|account id|record id|gsid|company id|id|crm id|account number|sfdc account id|hs object id"
        "|record id company",
    ),
    "other_id": field(
        "Further identifier",
        "sfdc account id|salesforce account id|salesforce id|sfdc id|account id|crm id|gsid|external id|customer id",
    ),
    "domain": field(
        "Domains",
        "domain|domains|company domain name|website|email domain|email domains|domain name|web site"
        "|alt domain|alt domains|other domains|additional domains|alternate domains|url|company domain"
        "|company website|website url",
    ),
    "aliases": field(
        "Other names", "aliases|alias|other names|also known as|aka|dba|trading names"
    ),
    "parent": field(
        "Parent customer",
        "parent account id|parent id|parentid|parent account account id|parent|parent account"
        "|parent company|parent name|parent account name|parent account account name|parent customer"
        "|ultimate parent",
    ),
    "segment": field(
        "Segment",
        "segment|customer segment|account segment|market segment|tier|customer tier|account tier|size band|plan",
    ),
    "industry": field("Industry", "industry|sector|vertical|industry group"),
    "region": field("Region", "region|sales region|territory|sales territory|geo|theatre|theater"),
    "country": field(
        "Country",
        "country|country region|billing country|billing country territory|billing country text only"
        "|shipping country|shipping country territory",
    ),
    "city": field("City", "city|billing city|shipping city|town"),
    "time_zone": field("Time zone", "time zone|timezone|tz"),
    "arr": field(
        "ARR",
        "arr|current arr|total arr|arr converted|annual recurring revenue|annual recurring revenue converted"
        "|acv|contract value|annual contract value|recurring revenue",
    ),
    "currency": field(
        "Currency",
        "arr currency|annual recurring revenue currency|currency|account currency|currency iso code",
    ),
    "lifecycle_stage": field(
        "Lifecycle stage", "lifecycle stage|stage|customer stage|lifecycle|status"
    ),
    "started_on": field(
        "Customer since",
        "started on|customer since|start date|original contract date|contract start|contract start date"
        "|onboarded|created|created date|create date",
    ),
    "renews_on": field(
        "Renewal date",
        "renews on|renewal date|next renewal date|contract renewal date|renewal|next renewal|contract end"
        "|contract end date|subscription end date",
    ),
    "churned_on": field(
        "Churn date",
        "churned on|churn date|date churned|churned|cancellation date|cancelled on|termination date|lost on",
    ),
    "health_score": field(
        "Health score",
        "health score|health|current score|health scorecard|customer health|overall score",
    ),
    "csm_name": field(
        "CSM",
        "csm|csm name|customer success manager|customer success manager full name"
        "|customer success manager name|csm full name|customer success owner|account owner"
        "|account owner full name|company owner|owner|owner full name|owner name|account manager",
    ),
    "csm_email": field(
        "CSM email",
        "csm email|csm e mail|customer success manager email|owner email|account owner email",
    ),
    "interests": field("Interests", "interests|topics|topics of interest|products of interest"),
    "goals": field("Goals", "goals|objectives|desired outcomes|success criteria"),
    "challenges": field("Challenges", "challenges|pain points|risks|blockers"),
}

CANONICAL_FIELDS: dict[str, dict[str, Field]] = {
    "attendance": ATTENDANCE,
    "customers": CUSTOMERS,
    "stakeholders": STAKEHOLDERS,
    "mail": MAIL,
    "tickets": TICKETS,
}

# Fields for which several columns of one file are read together ("domain + alt_domains").
GATHERED = {
    "customers": {"domain"},
    "stakeholders": {"email"},
    "tickets": {"tags", "comments", "area"},
}
LATER = {"customers": ("other_id",), "stakeholders": ("customer_name",)}
"""Fields of which the first mappings that were kept know nothing."""
REPEATED = re.compile(r" \(\d+\)$")
"""What a heading gets that a file has several times."""


def layout_key(header: Sequence[str]) -> str:
    """Stable name of a header; a remembered mapping belongs to it."""
    return hashlib.sha256("\x1f".join(map(normalise, header)).encode()).hexdigest()[:16]


def map_columns(header: Sequence[str], purpose: str) -> dict[str, str]:
    """Canonical field -> column, by alias. A column serves one field; the best alias wins."""
    spelled = _spelled(header, purpose)
    gathered = GATHERED.get(purpose, set())
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name, wanted in CANONICAL_FIELDS[purpose].items():
        hits = [c for a in wanted.aliases for c in spelled.get(a, ()) if c not in taken]
        hits = list(dict.fromkeys(hits)) if name in gathered else hits[:1]
        if hits:
            found[name] = JOINER.join(hits)
            taken.update(hits)
    return with_names(found, header) if purpose == "attendance" else found


def _spelled(header: Iterable[str], purpose: str) -> dict[str, list[str]]:
    """The columns by how the alias tables may spell them."""
    spelled: dict[str, list[str]] = {}
    for column in header:
        plain = REPEATED.sub("", column) if purpose == "tickets" else column
        for spelling in spellings(plain):
            spelled.setdefault(spelling, []).append(column)
    return spelled


def with_later(kept: Mapping[str, str], header: Sequence[str], purpose: str) -> dict[str, str]:
    """A mapping as it was kept, with columns that it does not use for the fields of LATER it does not name."""
    used = {column for columns in kept.values() for column in (columns, *columns.split(JOINER))}
    spelled = _spelled((column for column in header if column not in used), purpose)
    found = dict(kept)
    for name in LATER.get(purpose, ()):
        aliases = CANONICAL_FIELDS[purpose][name].aliases
        hits = [column for alias in aliases for column in spelled.get(alias, ())]
        if hits and name not in kept:
            found[name] = hits[0]
    return found


def missing_required(mapping: Mapping[str, str], purpose: str) -> bool:
    """True when a required field has no column: attendance needs an email or a name."""
    if purpose == "attendance":
        return not mapping.keys() & {"email", "name", "first_name", "last_name"}
    if purpose == "stakeholders":
        named = mapping.keys() & {"email", "name", "first_name", "last_name"}
        return not named or "customer" not in mapping
    if purpose in ("mail", "tickets"):
        return ("email" if purpose == "mail" else "number") not in mapping
    return "name" not in mapping
