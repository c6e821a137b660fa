"""Learning records (xAPI statements): one row per statement about an attempt or its outcome."""

from __future__ import annotations

import json

from integrations.formats.structured import Item, deep, text_of

_OUTCOMES = ("attempted", "completed", "passed", "failed")


def sees(rows: list[Item]) -> bool:
    return any({"actor", "verb", "object"} <= row.keys() for row in rows[:5])


def row(line: int, item: Item) -> dict[str, str | None]:
    verb = text_of(deep(item, "verb", "id")).rstrip("/").rpartition("/")[2].casefold()
    done = verb in ("completed", "passed", "failed") or deep(item, "result", "completion") is True
    passed = deep(item, "result", "success")
    if verb in ("passed", "failed"):
        passed = verb == "passed"
    account = text_of(deep(item, "actor", "account", "name"))
    mail = text_of(deep(item, "actor", "mbox"))
    return {
        "line": str(line),
        "raw": json.dumps([text_of(v) for v in item.values()], ensure_ascii=False),
        "name": text_of(deep(item, "actor", "name")) or account,
        "email": mail,
        "event": _activity(item),
        "event_id": text_of(deep(item, "object", "id")),
        "date": text_of(item.get("timestamp") or item.get("stored")),
        "status": "attended" if done else "registered",
        "minutes": text_of(deep(item, "result", "duration")),
        "completed": "yes" if done else "no",
        "passed": None if not isinstance(passed, bool) else "yes" if passed else "no",
        "note": _note(verb, known=bool(mail), done=done),
    }


def _note(verb: str, *, known: bool, done: bool) -> str | None:
    notes = []
    if not done:
        notes.append("started, not completed" if verb in _OUTCOMES else f"says only '{verb[:30]}'")
    if not known:
        notes.append("known by an account name only")
    return "; ".join(notes) or None


def _activity(item: Item) -> str:
    """The activity's name in English or its first language, else its address."""
    names = deep(item, "object", "definition", "name")
    if isinstance(names, dict) and names:
        english = next((v for k, v in names.items() if k.casefold().startswith("en")), None)
        return text_of(english or next(iter(names.values())))
    return text_of(deep(item, "object", "id"))
