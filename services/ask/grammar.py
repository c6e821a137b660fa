"""What is wanted: text to intents, by a table of patterns over words that were put right. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from services.ask import counting
from services.ask.commands import ACTING, COMMANDS
from services.ask.phrases import Command
from services.ask.words import LONGEST, Told, signed, told

MOST_AT_ONCE = 4
MOST_NEAREST = 3
PLEASANTRIES = ("help", "manners")
_AND = re.compile(r"(?: , and then | , then | and then | , and | and | ; | & | , | then | also )")
_NEXT = re.compile(r"then|also|;")
_POLITE = re.compile(
    r"^(?:(?:please|pls|plz|hi there|hi|hello|hey|good (?:morning|afternoon|evening)|thanks|thank you|great|perfect|"
    r"ok|okay|now|so|well|yes|alright|kindly|just|quickly|help me|(?:can|could|would|will) you|"
    r"would you mind|(?:i|we) (?:want|need|would like|d like|d love) (?:you )?to|let s|lets|go ahead and)"
    r"\b[ ,!]*)+"
)
_FORBIDS = re.compile(
    r"(?:(?:don t|dont|do not|never(?! mind)|nobody should|no need to)\b(?!(?: let me)? forget)(?! (?:i|we|you|they)\b)|"
    r"not (?:now|yet|today|ever)\b)[ ,;]+\S"
)
"""How something begins that is not to be done."""
_NOT = re.compile(r"\b(?:don t|dont|do not|does not|not|never)\b")
_ASKED = re.compile(r"\?\W*$")
_ASKED_ON_THE_WAY = re.compile(r"[ ,;&!]*\?")
_PLEASE = re.compile(r"\b(?:please|pls|plz|kindly)\b")
_WISH = re.compile(
    r"\b(?:(?:can|could|would|will|can t|won t) you|(?:i|we) (?:want|need|would like|d like))\b"
)
"""Of what is asked: what one wants besides, said after it, is none."""
_TAIL = re.compile(
    r"(?:[ ,!]+(?:please|pls|plz|now|right (?:now|away)|asap|for me|at the moment|currently)|"
    r"(?: ?[,!][ ,!]*|(?<!\bsend)(?<!\bapprove) )(?:thanks|thx|thank you)(?: (?:so|very) much| a lot)?)+$"
)
"""To "send thanks" is to thank somebody else."""


@dataclass(frozen=True)
class Intent:
    """`kind` is that of a Command. `slots` are words as they were typed, `spans` where in the text. `said`:
    all that was typed of it. `asked`: a question mark follows, and more."""

    kind: str
    slots: Mapping[str, str] = field(default_factory=dict[str, str])
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    said: str = ""
    asked: bool = False

    def number(self, name: str, default: int) -> int:
        """Of digits or of words. BadInput for one that is no number of customers."""
        return counting.count(self.slots.get(name, "")) or default


@dataclass(frozen=True)
class Parsed:
    """`nearest` are sentences that would be understood, where what was typed was not; a file that came with
    it is an intent all the same. `refused`: something is not to be done; `forbids`: that is all it says."""

    intents: tuple[Intent, ...] = ()
    nearest: tuple[str, ...] = ()
    too_long: bool = False
    refused: bool = False
    forbids: bool = False


def parse(typed: str, *, attached: bool = False) -> Parsed:
    """Never raises, whatever is typed. `attached`: a file came with it, which is scored first."""
    found = _parsed(typed)
    if not attached:
        return found
    said = found.intents if typed.strip() else ()
    # "Score" alone means the file that came with it, and the board where none did.
    others = tuple(one for one in said if one.kind != "file" and "bare" not in one.slots)
    return replace(found, intents=(Intent("file"), *others))


def _parsed(typed: str) -> Parsed:
    if len(typed) > LONGEST:
        return Parsed(too_long=True)
    words = told(typed)
    if not words.plain.strip():
        return Parsed((Intent("help"),)) if not typed.strip() else Parsed(nearest=nearest(typed))
    whole = _one(words, 0, len(words.plain))
    if whole and whole.kind in PLEASANTRIES:  # of which politeness is all there is
        return Parsed((whole,))
    start, end = _core(words.plain)
    forbidden = _FORBIDS.match(words.plain, start)
    several = () if forbidden else _several(words, start, end, MOST_AT_ONCE)
    if several:
        return Parsed(several)
    refused, forbids = bool(_NOT.search(words.plain)), bool(forbidden)
    return Parsed(nearest=nearest(words.plain), refused=refused, forbids=forbids)


def only_asked(intent: Intent, typed: str) -> bool:
    """Whether it is a question, such as “Invite TechCorp?”, and no wish that is put politely."""
    plain = told(typed).plain
    asked = intent.asked or _ASKED.search(signed(typed))
    wished = _PLEASE.search(plain) or _WISH.search(plain.partition("?")[0])
    return bool(asked) and not wished


def nearest(plain: str) -> tuple[str, ...]:
    """Sentences that would be understood; of those that only look, where something is not to be done."""
    passed = ACTING if _NOT.search(plain) else ()
    examples = [
        example
        for command in COMMANDS
        if command.kind not in passed
        for example in command.examples
    ]
    found = process.extract(plain[:200], examples, scorer=fuzz.token_set_ratio, limit=MOST_NEAREST)
    return tuple(example for example, _, _ in found)


def _core(plain: str) -> tuple[int, int]:
    """Without politeness at either end."""
    begun = _POLITE.match(plain)
    start = begun.end() if begun and begun.end() < len(plain) else 0
    ended = _TAIL.search(plain, start)
    return start, ended.start() if ended and ended.start() > start else len(plain)


def _several(words: Told, start: int, end: int, left: int) -> tuple[Intent, ...]:
    """One command, or two and more that are joined; names may hold an "and" of their own, so both halves
    have to be commands."""
    if left > 1:
        for joint in _AND.finditer(words.plain, start, end):
            if _verb(words.plain, joint.end()):
                first = _one(words, start, joint.start())
                rest = _several(words, joint.end(), end, left - 1) if first else ()
                if first and rest and not _within(first, joint[0], rest[0]):
                    return (first, *rest[_same(first, rest[0]) :])
    one = _one(words, start, end)
    return (one,) if one else ()


def _within(first: Intent, joint: str, second: Intent) -> bool:
    """Whether to be reminded "to call them and invite them" is one wish: nothing is done at once of what may be
    meant for that day."""
    acts = second.kind in ACTING and second.kind != first.kind
    return first.kind == "remind" and acts and not _NEXT.search(joint)


def _same(first: Intent, second: Intent) -> bool:
    """ "Approve it and send" is said of one mail."""
    return first.kind == second.kind == "send" and not second.slots


_VERB = re.compile(
    r"(?:create|make|send|invite|follow|draft|write|show|export|reengage|remind|undo|detect|approve|"
    r"set|add|who|whom|how|why|which|what|list|tell|thank|when)\b"
)


def _verb(plain: str, at: int) -> bool:
    return bool(_VERB.match(plain, at))


def _one(words: Told, start: int, end: int) -> Intent | None:
    """The first pattern of the table that takes the whole of it."""
    piece = words.plain[start:end].strip(" ?!,;&")
    begin = words.plain.find(piece, start) if piece else start
    for command in COMMANDS:
        for pattern in command.patterns:
            if found := pattern.fullmatch(piece):
                return _intent(command, found, words, begin)
    return None


def _intent(command: Command, found: re.Match[str], words: Told, begin: int) -> Intent:
    slots, spans = {}, {}
    for name, value in found.groupdict().items():
        if value:
            start, end = begin + found.start(name), begin + found.end(name)
            slots[name] = words.original(start, end)
            spans[name] = (words.places[start], words.places[end])
    end = begin + _question(command, found)
    said = words.original(begin, end)
    asked = _ASKED_ON_THE_WAY.match(words.plain, end)
    return Intent(command.kind, slots, spans, said, asked is not None)


def _question(command: Command, found: re.Match[str]) -> int:
    """Where what is said ends: before a question mark that came to be taken for a part of a name, as in “Invite
    TechCorp? ok”. A reminder may hold any question."""
    named = [
        name
        for name, value in found.groupdict().items()
        if value and "?" in value and (name == "who" or found.end(name) == len(found.string))
    ]
    if not named or command.kind == "remind":
        return len(found.string)
    return min(found.string.index("?", found.start(name)) for name in named)
