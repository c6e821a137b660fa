"""Values into words: one mail, or ten thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from integrations.templating.limited import fill_limited
from services.rendering.catalogue import file_fill, info
from services.rendering.layout import Rendered, whole
from services.rendering.parts import put_together
from services.rendering.versions import version_in_use, words_of


def render(session: Session, key: str, values: Mapping[str, Any]) -> Rendered:
    """The mail of a template with these values, in the words in use.

    Values are what JSON can hold: strings, numbers, lists and dicts. Raises NotFound for an unknown
    template, BadInput that names a value which is missing.
    """
    return render_many(session, key, [values])[0]


def render_many(session: Session, key: str, values: Sequence[Mapping[str, Any]]) -> list[Rendered]:
    """As `render`, for many recipients at once; one query whatever their number.

    Words from the app are filled in a limited child process, which takes a tenth of a second to start.
    """
    return render_version(session, key, version_in_use(session, key), values)


def render_version(
    session: Session, key: str, version: int, values: Sequence[Mapping[str, Any]]
) -> list[Rendered]:
    """The mails in the words of one version: those a draft was made with, to see what was edited since."""
    if version == 0:
        fill = file_fill(key)
        return [whole(fill(each), 0, clean=False) for each in values]
    filled = fill_limited(put_together(words_of(session, key, version)), values)
    return [whole(each, version, clean=True) for each in filled]


def render_sample(session: Session, key: str, version: int) -> Rendered:
    """The template's own sample in the words of one version; BadInput when they do not fit it any more."""
    return render_version(session, key, version, [info(key).sample])[0]
