"""Words that an admin puts in the place of a template's own: tried first, kept for ever, taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Person, TemplateInUse, TemplateVersion
from data.versions import bump
from integrations.templating.limited import fill_limited
from integrations.templating.words import Words
from services.access import ADMINISTRATOR, Viewer
from services.access.audit import audit
from services.access.viewer import require_role
from services.rendering.catalogue import catalogue, file_words, info
from services.rendering.checks import links_differ, open_placeholders
from services.rendering.difference import DiffLine, difference
from services.rendering.layout import Rendered, whole
from services.rendering.parts import put_together

TEMPLATES = "templates"
"""The counter that cached reads of templates go by."""
LONGEST_NOTE = 300
LONGEST_WORDS = {"subject": 500, "text": 20_000, "html": 40_000}
SOMEBODY_ELSE = (
    "Somebody else has changed this template meanwhile. Look at their words, then save yours."
)


@dataclass(frozen=True)
class VersionRow:
    """One version; 0 are the product's own words, which have no author and no date.

    `over`: the product's words that these were last compared with, as far as is known. The product has
    changed since where they are not its words of today.
    """

    version: int
    words: Words
    note: str
    by: str | None
    at: datetime | None
    in_use: bool
    over: Words | None = None


def version_in_use(session: Session, key: str) -> int:
    """The version new mails are made with; 0 are the product's own words."""
    return session.scalar(select(TemplateInUse.version).where(TemplateInUse.template == key)) or 0


def words_of(session: Session, key: str, version: int) -> Words:
    """The words of a version; NotFound when there is none of that number."""
    if version == 0:
        return file_words(key)
    row = session.scalar(
        select(TemplateVersion).where(
            TemplateVersion.template == key, TemplateVersion.version == version
        )
    )
    if row is None:
        raise NotFound("There is no such version of this template. Choose one from its history.")
    return Words(row.subject, row.text, row.html)


def versions(session: Session, key: str, *, limit: int = 30) -> list[VersionRow]:
    """The newest `limit` versions of a template, newest first, with the one in use wherever it is, and the
    product's own words last."""
    used = version_in_use(session, key)
    own = VersionRow(0, file_words(key), "", None, None, used == 0)
    rows = session.execute(
        select(TemplateVersion, Person.name)
        .outerjoin(Person, Person.id == TemplateVersion.created_by)
        .where(
            TemplateVersion.template == key,
            or_(
                TemplateVersion.version >= _next(session, key) - limit,
                TemplateVersion.version == used,
            ),
        )
        .order_by(TemplateVersion.version.desc())
    )
    kept = [
        VersionRow(
            row.version,
            Words(row.subject, row.text, row.html),
            row.note,
            name,
            row.created_at,
            used == row.version,
            Words(**row.over) if row.over else None,
        )
        for row, name in rows
    ]
    return [*kept, own]


def try_out(key: str, words: Words) -> Rendered:
    """The template's sample in these words, filled under limits; BadInput that says what is wrong with them."""
    for part, source in asdict(words).items():
        if not source.strip():
            raise BadInput(f"The {part} is empty. Write it, or go back to the product's words.")
        if len(source) > LONGEST_WORDS[part]:
            raise BadInput(f"The {part} is longer than {LONGEST_WORDS[part]:,} characters.")
    (filled,) = fill_limited(put_together(words), [info(key).sample])
    made = whole(filled, 0, clean=True)
    left = open_placeholders(made.subject, made.text, made.html)
    if left:
        raise BadInput(f"{left[0]} would stay open in the mail. Write a value as {{{{ name }}}}.")
    differing = links_differ(made.text, made.html)
    if differing:
        raise BadInput(
            f"Only one of text and HTML links to {differing[0][:100]}. Give both the same links."
        )
    return made


def save(  # noqa: PLR0913 - the words, and who changes what from where
    session: Session,
    key: str,
    words: Words,
    *,
    note: str,
    based_on: int,
    by: Viewer,
    now: datetime,
) -> int:
    """A new version, in use from now on; its number. Admins only.

    `based_on` is the version that was in use when the editor was opened: InvalidMove when another one is
    meanwhile. BadInput as `try_out`. Mails that were made before keep their words.
    """
    require_role(by, ADMINISTRATOR)
    note = " ".join(note.split())
    if not note or len(note) > LONGEST_NOTE:
        raise BadInput(f"Say why the words change, in 1 to {LONGEST_NOTE} characters.")
    if words == words_of(session, key, based_on):
        raise BadInput("These are the words in use already. Change them before you save.")
    try_out(key, words)
    row = TemplateVersion(
        template=key,
        version=_next(session, key),
        note=note,
        created_by=by.person_id,
        created_at=now,
        over=asdict(file_words(key)),
        **asdict(words),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise InvalidMove(SOMEBODY_ELSE) from None
    _use(session, key, row.version, based_on)
    audit(session, by, "template.changed", "template_version", row.id, f"{key}: {row.version}", now)
    return row.version


def use(
    session: Session, key: str, version: int, *, based_on: int, by: Viewer, now: datetime
) -> None:
    """Make new mails with an earlier version, or with the product's own words (0). Admins only.

    InvalidMove when another version than `based_on` is in use meanwhile.
    """
    require_role(by, ADMINISTRATOR)
    words = words_of(session, key, version)
    if version:
        try_out(key, words)  # the product may ask for other values by now
    _use(session, key, version, based_on)
    audit(session, by, "template.version_used", "template_in_use", None, f"{key}: {version}", now)


def overtaken(session: Session) -> list[str]:
    """Keys of templates whose words in use were put over other words of the product than today's."""
    v, used = TemplateVersion, TemplateInUse
    rows = session.execute(
        select(v.template, v.over)
        .join(used, (used.template == v.template) & (used.version == v.version))
        .order_by(v.template)
    )
    there = {entry.key for entry in catalogue()}
    return [
        row.template
        for row in rows
        if row.over and row.template in there and Words(**row.over) != file_words(row.template)
    ]


def keep_ours(session: Session, key: str, version: int, *, by: Viewer, now: datetime) -> None:
    """The product's words of today were looked at, and ours stay as they are. Admins only.

    InvalidMove when another version is in use meanwhile.
    """
    require_role(by, ADMINISTRATOR)
    row = session.scalar(
        select(TemplateVersion)
        .where(TemplateVersion.template == key, TemplateVersion.version == version)
        .with_for_update()
    )
    if row is None or version_in_use(session, key) != version:
        raise InvalidMove(SOMEBODY_ELSE)
    bump(session, TEMPLATES)
    row.over = asdict(file_words(key))
    audit(session, by, "template.compared", "template_version", row.id, f"{key}: {version}", now)


def _use(session: Session, key: str, version: int, based_on: int) -> None:
    row = session.scalar(
        select(TemplateInUse).where(TemplateInUse.template == key).with_for_update()
    )
    if (row.version if row else 0) != based_on:
        raise InvalidMove(SOMEBODY_ELSE)
    bump(session, TEMPLATES)
    if row:
        row.version = version
        return
    try:
        with session.begin_nested():
            session.add(TemplateInUse(template=key, version=version))
            session.flush()
    except IntegrityError:
        raise InvalidMove(SOMEBODY_ELSE) from None


def _next(session: Session, key: str) -> int:
    newest = session.scalar(
        select(func.max(TemplateVersion.version)).where(TemplateVersion.template == key)
    )
    return (newest or 0) + 1


def words_difference(before: Words, after: Words) -> list[DiffLine]:
    """What changed between two sets of words, part by part under its name."""
    return difference(_laid_out(before), _laid_out(after))


def _laid_out(words: Words) -> str:
    return f"SUBJECT\n{words.subject}\n\nTEXT\n{words.text}\n\nHTML\n{words.html}"
