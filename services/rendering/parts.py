"""Parts that several mails share: files of the product below `_base/parts`, put in by name before words
are read as a template.

So the language of words stays as small as it is: an include is gone before anything is checked or filled,
names nothing but our own files, and a part includes no other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.errors import BadInput
from data.settings import PROJECT
from integrations.templating.words import Words

FOLDER = PROJECT / "templates" / "emails" / "_base" / "parts"
MOST = 20
"""Parts in one text: what is put in cannot make a mail without end."""
_INCLUDE = re.compile(r"""\{%-?[ \t]*include[ \t]+["']([^"'\n]{0,60})["'][ \t]*-?%\}""")


@lru_cache(maxsize=1)
def parts() -> dict[str, str]:
    """By file name, such as `event_details.txt`. Read once per process, as templates are."""
    return {path.name: path.read_text(encoding="utf-8").strip() for path in FOLDER.iterdir()}


def names() -> list[str]:
    """What an include can name."""
    return sorted({name.partition(".")[0] for name in parts()})


def put_together(words: Words) -> Words:
    """The words with their parts in place. BadInput for a part that there is not, or too many."""
    return Words(words.subject, _put(words.text, "txt"), _put(words.html, "html"))


def _put(source: str, ending: str) -> str:
    if len(_INCLUDE.findall(source)) > MOST:
        raise BadInput(f"A mail can include {MOST} shared parts at the most.")

    def part(found: re.Match[str]) -> str:
        known = parts().get(f"{found[1]}.{ending}")
        if known is None:
            raise BadInput(
                f"There is no shared part “{found[1]}”. These can be included: {', '.join(names())}."
            )
        return known

    return _INCLUDE.sub(part, source)
