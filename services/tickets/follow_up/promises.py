"""Promises in the text of a mail: who says "I will check your metrics next week" has a task. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from services.tickets.follow_up.days import days_named, names_a_time, without_days

DEFAULT_DAYS = 7
"""Where a promise names no day."""
MOST = 10
_DEEDS = (
    "check review look call ring send share follow monitor report verify test ask raise get come keep watch"
    " arrange set schedule organise organize prepare make update speak talk confirm pass bring write let reach"
    " touch go track work join ship release deploy roll fix provide deliver forward email phone investigate"
    " discuss escalate notify inform reply respond restore credit refund add meet visit analyse analyze"
)
_DEED = "|".join(_DEEDS.split())
_DOUBLED = frozenset({"get", "let", "set", "ship"})


def _ing(verb: str) -> str:
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ing"
    return f"{verb.removesuffix('e')}ing"


_BASE = {_ing(verb): verb for verb in _DEEDS.split()}
_WHO = r"(?:I|we|our (?:\w+ )?(?:team|engineers|developers|colleagues|support))"
_WILL_WORD = r"(?:['’]ll| will| am going to|['’]m going to| are going to|['’]re going to| shall)"
_WILL = re.compile(
    rf"(?i)\b{_WHO}{_WILL_WORD}\s+(?:(?:also|personally|then|now|both|certainly|of course)\s+)*(\w.*)"
)
_SURE = re.compile(rf"(?i)(?:{_DEED})\b")
_BEING = re.compile(rf"(?i)be (?:back in touch|in touch|({'|'.join(_BASE)})\b(.*))")
_NO_DEED = re.compile(
    r"(?i)(?:be|not|never|always|need|have to|hope|understand|appreciate|gladly|happily|miss|remain|stay)\b"
)
_NOTED = re.compile(
    r"(?i)\b(?:I|we)(?:['’]ve| have)\s+(?:(?:also|already)\s+)*"
    r"(?:(?:added|made|set|put|left)\s+(?:myself\s+)?(?:a|the)\s+(?:\w+\s+)?(?:note|reminder|task)(?:\s+in my \w+)?|planned|promised)"
    r"\s+to\s+(.+)"
)
_ING = re.compile(
    r"(?i)\b(?:I|we)(?:['’]m| am|['’]re| are)\s+(?:also\s+)?(?:planning|scheduled)\s+to\s+(.+)"
)
_VOW = re.compile(
    r"(?i)\b(?:I|we)\s+(?:(?:also|do|hereby)\s+)*(?:promise|commit|undertake|pledge)\s+(?:you\s+)?to\s+(.+)"
)
_AIM = re.compile(
    r"(?i)\b(?:(?:I|we)\s+(?:also\s+)?(?:plan|intend|aim|expect|mean)\s+to|let (?:me|us)(?! know\b))\s+(.+)"
)
_DOING = re.compile(
    r"(?i)\b(?:I|we)(?:['’]m| am|['’]re| are)\s+(calling|ringing|sending|meeting|visiting)\b(.*)"
)
_EXPECT = re.compile(
    r"(?i)\bexpect\s+(?:an?|the|my|our)\s+(?:\w+\s+)?(?:call|e-?mail|mail|message|answer|update)\s+from"
    r" (?:me|us|our (?:\w+ )?(?:team|engineers|developers|colleagues|support)|(?!(?:the|you|your|this|these)\b)(?-i:[A-Z])[\w'’-]*(?: (?-i:[A-Z])[\w'’-]*)?)(?![\w'’])(.*)"
)
_SOMEBODY = re.compile(
    rf"\b(?!(?:You|They|It|This|That|These|Those|There|The|He|She|Who|What|Which)\b)[A-Z][\w'’-]*(?i:{_WILL_WORD})\s+"
    r"(?:(?:also|personally|then|now)\s+)*(\w.*\byour?\b.*)"
)
"""A colleague by name who does something for the reader."""
_HEAR = re.compile(r"(?i)\byou(?:['’]ll| will)\s+hear\b(?: back)? from (?:me|us)\b(.*)")
_HAVE = re.compile(r"(?i)\byou(?:['’]ll| will)\s+(?:have|get|receive)\s+(.+)")
_IF = re.compile(r"(?i)(?:^|[,;]\s*)(?:if|should you|whenever|once you|as soon as you|unless)\b")
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?=[^\s.!?]))+(?:[.!?]+|\n|$)")
_TAIL = re.compile(
    r"(?i)[,\s]+(?:(?:so that|so|to make sure|to see (?:that|whether)|because|as|since)\s+(?:we|I|you|it|that|everything|nothing|there)\b.*"
    r"|to (?:make sure|stay|see|be sure)\b.*)$"
)


@dataclass(frozen=True)
class Promised:
    """`days` after sending. `what` is the deed alone: "check your API metrics". Not `dated` where it names a
    time that cannot be read: then `days` is a guess."""

    position: int
    sentence: str
    what: str
    days: int
    dated: bool = True


def promised(text: str, on: date) -> tuple[Promised, ...]:
    """The promises of a mail, were it sent `on` that day, in the order of the text.

    Offers ("I'm happy to help"), questions and what hangs on a condition ("if it happens again, I will …")
    promise nothing.
    """
    found: list[Promised] = []
    for match in _SENTENCE.finditer(_own(text)):
        sentence = " ".join(match.group().split()).lstrip("-•* ")
        if sentence.endswith("?") or _IF.search(sentence):
            continue
        what = _what(sentence)
        if what:
            days = days_named(sentence, on)
            sure = days is not None or not names_a_time(sentence)
            found.append(
                Promised(len(found), sentence, what, DEFAULT_DAYS if days is None else days, sure)
            )
        if len(found) == MOST:
            break
    return tuple(found)


def _what(sentence: str) -> str:
    """The deed; empty where there is none."""
    noted = _NOTED.search(sentence) or _ING.search(sentence)
    if noted:
        return _deed(noted.group(1))
    heard = _HEAR.search(sentence)
    if heard:
        return _deed(f"get back to you{heard.group(1)}")
    had = _HAVE.search(sentence)
    if had and names_a_time(sentence):
        return _deed(f"send {had.group(1)}")
    will = _WILL.search(sentence)
    return _willed(will.group(1), sentence) if will else _said_otherwise(sentence)


def _said_otherwise(sentence: str) -> str:
    """What is promised without an “I will”; all but a vow needs a time."""
    vow = _VOW.search(sentence)
    if vow:
        return _willed(vow.group(1), sentence)
    if not names_a_time(sentence):
        return ""
    aim, somebody = _AIM.search(sentence), _SOMEBODY.search(sentence)
    doing, expected = _DOING.search(sentence), _EXPECT.search(sentence)
    if doing:
        return _deed(f"{_BASE[doing.group(1).lower()]}{doing.group(2)}")
    if expected:
        return _deed(f"get back to you{expected.group(1)}")
    said = aim or somebody
    return _deed(said.group(1)) if said and _SURE.match(said.group(1)) else ""


def _willed(words: str, sentence: str) -> str:
    being = _BEING.match(words)
    if being and being.group(1):
        return _deed(f"{_BASE[being.group(1).lower()]}{being.group(2)}")
    if being or _SURE.match(words):
        return _deed(words)
    # Any other verb is a deed once there is a time for it.
    return _deed(words) if names_a_time(sentence) and not _NO_DEED.match(words) else ""


def _own(text: str) -> str:
    """Without the lines that quote."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _deed(words: str) -> str:
    """The deed without its day and without its purpose."""
    cut = without_days(_TAIL.sub("", words))
    return " ".join(cut.split()).strip(" ,;:-.!?")[:300]
