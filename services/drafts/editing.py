"""Changes to a draft. Each is a new revision, and whatever was approved of the one before is void."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Draft, Person
from data.texts import one_line
from services import rendering
from services.access import Viewer, audit
from services.drafts.access import require_draft, require_revision, require_untied
from services.drafts.approving import void
from services.drafts.moves import make_move, require_move
from services.drafts.words import Words, written

FURTHEST = timedelta(days=366)


def edit(  # noqa: PLR0913 - what is changed, by whom
    session: Session,
    draft_id: int,
    revision: int,
    *,
    subject: str,
    text: str,
    by: Viewer,
    now: datetime,
) -> int:
    """Put these words in the place of the present ones; the HTML is made from the text. The draft's
    revision afterwards: the same when nothing differs.

    InvalidMove when somebody else changed it since `revision`, or it has left; BadInput when too long.
    """
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "edit")
    require_revision(draft, revision)
    words = written(subject, text)
    if words.subject == draft.subject and words.text.strip() == draft.text.strip():
        return draft.revision
    if words.text.strip() == draft.text.strip():
        # The text stands, and with it the template's own HTML, which is richer than what text can say.
        words = Words(words.subject, draft.text, draft.html, 0)
    _put(session, draft, words, by, now)
    return draft.revision


def restore(session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime) -> int:
    """The words it was made with again, whatever its template says by now. The draft's revision afterwards."""
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "edit")
    require_revision(draft, revision)
    if draft.template is None:
        raise BadInput(
            "This draft was not made from a template, so there is nothing to go back to."
        )
    made_with = (draft.template, draft.template_version, [draft.values])
    made = rendering.render_version(session, *made_with)[0]
    words = Words(one_line(made.subject), made.text, made.html, made.version)
    _put(session, draft, words, by, now)
    return draft.revision


def _put(session: Session, draft: Draft, words: Words, by: Viewer, now: datetime) -> None:
    _revise(session, draft, "edit", by=by, now=now)
    draft.subject, draft.text, draft.html = words.subject, words.text, words.html


def schedule(
    session: Session,
    draft_id: int,
    revision: int,
    not_before: datetime | None,
    *,
    by: Viewer,
    now: datetime,
) -> int:
    """Do not send before this moment (None: as soon as it is approved). The draft's revision afterwards."""
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "schedule")
    require_revision(draft, revision)
    if not_before is not None and not now - timedelta(minutes=5) <= not_before <= now + FURTHEST:
        raise BadInput("Choose a day and time from now to a year ahead.")
    if draft.expires_at and not_before and not_before >= draft.expires_at:
        raise BadInput(
            "By then it would be too late: what it is about is over. Choose an earlier time."
        )
    if not_before == draft.not_before:
        return draft.revision
    told = f"{not_before:%Y-%m-%d %H:%M} UTC" if not_before else "as soon as approved"
    _revise(session, draft, "schedule", by=by, now=now, why=told)
    draft.not_before = not_before
    return draft.revision


def reassign(
    session: Session, draft_id: int, revision: int, owner_id: int, *, by: Viewer, now: datetime
) -> int:
    """Give the draft to a colleague, who approves it and in whose name it goes out. Its revision afterwards.

    The customer's CSM, the owner, their manager or an admin can; NotFound for people who are not there.
    """
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "reassign")
    require_revision(draft, revision)
    person = session.get(Person, owner_id)
    if person is None or not person.active:
        raise NotFound("There is no such colleague. Reload the page and choose from the list.")
    if person.id == draft.owner_id:
        return draft.revision
    _revise(session, draft, "reassign", by=by, now=now, why=f"to {person.name}"[:500])
    draft.owner_id, draft.mailbox_id = person.id, None
    audit(session, by, "draft.reassigned", "draft", draft.id, f"to {person.name}", now)
    return draft.revision


def _revise(
    session: Session,
    draft: Draft,
    move: str,
    *,
    by: Viewer,
    now: datetime,
    why: str | None = None,
) -> None:
    require_untied(session, draft)
    void(session, draft, "the draft was changed", by=by, now=now)
    state = "held" if draft.state == "held" else "pending"
    make_move(session, draft, move, state, by=by, now=now, why=why)
    if state == "pending":
        draft.why = None
