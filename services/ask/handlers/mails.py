"""The mail that is shown: sent or changed. Campaigns: how they did, and who engaged."""

from __future__ import annotations

import re
from datetime import datetime

from services import drafts
from services.access.day import day_of
from services.ask import saying, which
from services.ask.answers import Answer, Choice, Choices, DraftShown, Link, SpokenOf, Text
from services.ask.book import Desk, OnScreen
from services.ask.grammar import Intent
from services.ask.handlers.held import attendees
from services.ask.handlers.insight import about, contact
from services.ask.names import find
from services.ask.orders import leaders
from services.ask.saying import Unclear, answered, links, meant, moment, table
from services.ask.words import signed
from services.campaigns import report
from services.campaigns.recommending import recommendations
from services.drafts import DraftView
from services.errors import NotFound
from services.ids import public_id, read_id
from services.plurals import plural
from services.tickets.follow_up import records as follow_up
from services.tickets.follow_up.promises import promised

MOST = 10
ASK_FIRST = "ask_first"
_PLAINLY = re.compile(r"\b(?:send|approve)\b", re.IGNORECASE)
QUEUE = Link("send_queue", "Send queue")


def send(desk: Desk, intent: Intent) -> Answer:
    """Approve, through the same pre-flight, the draft whose words are on the person's screen."""
    draft = _chosen(desk, intent, "send", "approve")
    seen = desk.shown.get(draft.id, OnScreen(0))
    anyway = "anyway" in intent.slots
    key = public_id("draft", draft.id)
    standing = [block for block in draft.blocks if block.hard or block.code not in seen.against]
    if draft.blocks and (standing or not anyway):
        choices = () if any(block.hard for block in draft.blocks) else (
            Choices((Choice("Send anyway", f"Send {key} anyway"),)),
        )  # fmt: skip
        notes = [Text(block.words, "note") for block in draft.blocks]
        return answered(
            "Not sent: something speaks against it.", *notes, *choices,
            links(Link("draft", "Open the draft", {"id": key})), tone="bad", customers=(draft.customer_id,),
            spoken_of=SpokenOf(drafts=(draft.id,)),
        )  # fmt: skip
    accepted = seen.against if anyway else ()
    done = drafts.approve(
        desk.session,
        draft.id,
        seen.revision,
        by=desk.by,
        now=desk.now,
        accepted=accepted,
        way=seen.way,
    )
    if done.state == "second_look":
        said = f"Approved by you: “{draft.subject}” to {draft.recipient} at {draft.customer}. A second person has to approve it too."
    else:
        quiet = ", after the recipient's quiet hours" if done.quiet else ""
        said = (
            f"“{draft.subject}” to {draft.recipient} at {draft.customer} is approved and waits in the Send queue. "
            f"It leaves at {moment(done.due_at, desk.zone)}{quiet}. Until then you can take it back."
        )  # fmt: skip
    return answered(
        said, *_reminders(desk, draft, done.due_at or desk.now), Choices((Choice("Take it back", f"Take back {key}"),)),
        links(QUEUE, Link("draft", "Open the draft", {"id": key})),
        tone="good", customers=(draft.customer_id,), deeds=(("approval", draft.id),),
    )  # fmt: skip


def _reminders(desk: Desk, draft: DraftView, due_at: datetime) -> tuple[Text, ...]:
    """What the mail after a ticket promises: each becomes a task once it has left."""
    if draft.kind != follow_up.KIND:
        return ()
    said = [
        f"{one.what[:1].upper()}{one.what[1:]} in {plural(one.days, 'day')}"
        for one in promised(draft.text, day_of(desk.session, draft.owner_id, due_at))
    ]
    return (Text(f"Reminder set once it has left: {'; '.join(said)}.", "note"),) if said else ()


def said_plainly(intent: Intent, typed: str) -> bool:
    """Whether these words ask for the mail to go, and nothing else: no question, and no word that was put right."""
    return "?" not in signed(typed) and bool(_PLAINLY.search(intent.said))


def ask_first(desk: Desk, intent: Intent) -> Answer:
    """Of "send" that may have been meant otherwise, or that came with other things to do."""
    draft = _chosen(desk, intent, "send", "approve")
    key = public_id("draft", draft.id)
    question = (
        f"Nothing was sent. Shall “{draft.subject}” go to {draft.recipient} at {draft.customer}?"
    )
    again = " anyway" if "anyway" in intent.slots else ""
    return Answer(
        (Choices((Choice("Send it", f"Send {key}{again}"),), question),),
        customers=(draft.customer_id,), spoken_of=SpokenOf(drafts=(draft.id,)),
    )  # fmt: skip


def edit(desk: Desk, intent: Intent) -> Answer:
    draft = _chosen(desk, intent, "edit", "edit")
    key = public_id("draft", draft.id)
    said = (
        f"Change the words of “{draft.subject}” on its page; it is read here as you leave it there."
    )
    return answered(
        said, links(Link("draft", "Edit the draft", {"id": key})),
        customers=(draft.customer_id,), spoken_of=SpokenOf(drafts=(draft.id,)),
    )  # fmt: skip


def _chosen(desk: Desk, intent: Intent, verb: str, needed: str) -> DraftView:
    """The draft that is named, else the only one of those spoken of that waits and is on the screen."""
    if "draft" in intent.slots:
        number = read_id("draft", intent.slots["draft"])
        draft = drafts.view(desk.session, desk.by, number, desk.now)
        if number in desk.shown:
            return draft
        raise Unclear(
            Answer((Text("Read it first: here it is as it stands now."), DraftShown(number)),
                   customers=(draft.customer_id,), spoken_of=SpokenOf(drafts=(number,)))
        )  # fmt: skip
    waiting = []
    for number in desk.spoken_of.drafts:
        try:
            draft = drafts.view(desk.session, desk.by, number, desk.now)
        except NotFound:
            continue
        if needed in draft.actions and number in desk.shown:
            waiting.append(draft)
    if len(waiting) == 1:
        return waiting[0]
    page = links(Link("drafts", "All drafts"))
    if not waiting:
        said = f"No mail is shown here that you could {verb}. Ask for one first, such as “Invite TechCorp to the webinar”."
        raise Unclear(answered(said, page, tone="note"))
    choices = tuple(
        Choice(f"{verb.title()} the one to {one.recipient} ({one.customer})",
               f"{verb.title()} {public_id('draft', one.id)}")
        for one in waiting
    )  # fmt: skip
    question = f"Which one? {plural(len(waiting), 'mail')} wait here."
    customers = tuple(one.customer_id for one in waiting)
    raise Unclear(Answer((Choices(choices, question), page), customers=customers))


def campaign(desk: Desk, intent: Intent) -> Answer:
    typed = intent.slots.get("campaign", "")
    if not typed:
        return _campaigns(desk)
    if which.one_of_events(typed):
        return attendees(desk, Intent("attendees", {"event": typed}))
    match = which.campaign(desk, typed)
    if match.one is None and find(typed, desk.customers).one:
        return about(desk, typed, lambda key: f"Show customer {key}", leaders(desk))
    if match.one is None and (somebody := contact(desk, typed)):
        return somebody
    if match.one is None and not match.several and (near := find(typed, desk.customers)).several:
        meant(near, "customer", lambda key: f"Show customer {key}")
    one = meant(match, "campaign", lambda key: f"How did {key} do")
    row = report.get_campaign(desk.session, desk.by, one.id)
    told = [
        ("Sent", row.mails), ("Delivered", row.delivered), ("Customers", row.customers),
        ("Opened, by people", row.opened_human), ("Opened, raw", row.opened),
        ("Clicked, by people", row.clicked_human), ("Clicked, raw", row.clicked),
        ("Replied", row.replied), ("Unsubscribed", row.unsubscribed),
        ("Bounced for good", row.bounced_hard),
    ]  # fmt: skip
    kind = report.KIND_WORDS.get(row.kind, "Campaign")
    return Answer(
        (
            Text(row.name, "heading"),
            Text(
                f"{kind}, sent from {saying.day_of(row.started_at, desk.zone)}. Counts are of mails."
            ),
            table(("", "Count"), [(name, f"{count:,}") for name, count in told]),
            links(Link("one_campaign", "Open the campaign", {"id": one.key})),
            Choices((Choice("Who engaged highly?", f"Who engaged highly with {one.key}"),)),
        ),
        spoken_of=SpokenOf(campaign_id=one.id),
    )


def _campaigns(desk: Desk) -> Answer:
    page = report.listing(desk.session, desk.by, limit=MOST)
    rows = page.rows
    if not rows:
        return answered("No campaign is on record.", links(Link("campaigns", "Open Campaigns")))
    told = [(one.name, saying.day_of(one.started_at, desk.zone), one.mails, one.opened_human, one.clicked_human) for one in rows]  # fmt: skip
    heads = ("Campaign", "Sent", "Mails", "Opened by people", "Clicked by people")
    of = f"The newest {len(rows)} of {plural(page.total, 'campaign')}."
    return Answer(
        (Text("Campaigns", "heading"), Text(of), table(heads, told),
         links(Link("campaigns", "Open Campaigns"))),
        spoken_of=SpokenOf(campaign_id=rows[0].id),
    )  # fmt: skip


def engaged(desk: Desk, intent: Intent) -> Answer:
    typed = intent.slots.get("campaign", "")
    if not typed:
        return _engagers(desk)
    one = meant(which.campaign(desk, typed), "campaign", lambda key: f"Who engaged with {key}")
    page = report.people(desk.session, desk.by, one.id, limit=MOST)
    rows = [
        row for row in page.rows.iter_rows(named=True)
        if row["customer_id"] and (row["replied_at"] or row["human_click_at"] or row["human_open_at"])
    ]  # fmt: skip
    links_ = links(Link("one_campaign", "Open the campaign", {"id": one.key}))
    if not rows:
        return answered(f"Nobody of your customers has engaged with {one.name} yet.", links_)
    told = [
        (row["name"] or row["email"], row["customer"], row["opens_human"], row["clicks_human"],
         "yes" if row["replied_at"] else "")
        for row in rows
    ]  # fmt: skip
    of = f"Of {plural(page.total, 'person', 'people')} it was sent to, those who did most."
    return Answer(
        (Text(f"Who engaged with {one.name}", "heading"), Text(of),
         table(("Person", "Customer", "Opens", "Clicks", "Replied"), told), links_),
        customers=tuple(dict.fromkeys(row["customer_id"] for row in rows)),
        spoken_of=SpokenOf(campaign_id=one.id),
    )  # fmt: skip


def _engagers(desk: Desk) -> Answer:
    found = recommendations(desk.session, desk.by, desk.now, limit=MOST)
    page = links(Link("campaigns", "Open Campaigns"))
    if not found.rows:
        return answered("Nobody of your customers engages highly with mail at present.", page)
    told = [(one.name, one.customer, one.reason, "yes" if one.contacted else "") for one in found.rows]  # fmt: skip
    of = f"The first {len(told)} of {plural(found.followed_up.of, 'person', 'people')} who do."
    return Answer(
        (Text("Who engages highly with mail", "heading"), Text(of),
         table(("Person", "Customer", "Why", "Contacted"), told), page),
        customers=tuple(dict.fromkeys(one.customer_id for one in found.rows)),
    )  # fmt: skip
