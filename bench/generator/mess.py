"""How people and platforms spell what they mean."""

from __future__ import annotations

from datetime import datetime

from bench.generator import words
from bench.generator.chance import Chance

TYPING = "abcdefghijklmnoprstuvwy"


def company(chance: Chance, base: str, full: str) -> str:
    """A customer's name as typed: whole, bare, shouted, mistyped, or not at all."""
    draw = chance.number()
    if draw < 0.62:
        return full
    if draw < 0.74:
        return base
    if draw < 0.80:
        return base + " " + chance.pick(words.LEGAL_FORMS)
    if draw < 0.88:
        return full.upper() if draw < 0.84 else full.lower()
    if draw < 0.92:
        return _mistyped(chance, base)
    if draw < 0.95:
        return " " + full.replace(" ", "  ") + " "
    return full.replace(" ", "-", 1) + "," if draw < 0.97 else ""


def _mistyped(chance: Chance, name: str) -> str:
    """A letter missing, two swapped, one wrong or one too many."""
    at = 1 + chance.below(len(name) - 2)
    draw = chance.number()
    if draw < 0.35:
        return name[:at] + name[at + 1 :]
    if draw < 0.7:
        return name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]
    return name[:at] + chance.pick(TYPING) + name[at + (1 if draw < 0.85 else 0) :]


def email(chance: Chance, address: str, name: str) -> str:
    """An address as exported; one in two hundred has two letters of its domain swapped."""
    draw = chance.number()
    if draw < 0.85:
        return address
    if draw < 0.92:
        return address.upper() if draw < 0.89 else address[0].upper() + address[1:]
    if draw < 0.96:
        return " " + address + ("  " if draw < 0.94 else "")
    if draw < 0.98:
        local, domain = address.split("@")
        return f"{local}+events@{domain}"
    if draw < 0.995:
        return f"{name} <{address}>" if draw < 0.99 else f"mailto:{address}"
    local, domain = address.split("@")
    at = 1 + chance.below(len(domain) - 2)
    return f"{local}@{domain[: at - 1]}{domain[at]}{domain[at - 1]}{domain[at + 1 :]}"


def moment(chance: Chance, at: datetime) -> str:
    draw = chance.number()
    if draw < 0.80:
        return at.strftime("%Y-%m-%d %H:%M:%S")
    if draw < 0.88:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if draw < 0.95:
        return at.strftime("%m/%d/%Y %I:%M %p")
    if draw < 0.98:
        return words.MONTHS[at.month - 1] + at.strftime(" %d, %Y %I:%M %p")
    return at.strftime("%d.%m.%Y %H:%M")


def duration(chance: Chance, minutes: int) -> str:
    draw = chance.number()
    if draw < 0.82:
        return str(minutes)
    if draw < 0.90:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02d}:00" if draw < 0.95 else f"{minutes}.0"


def event_name(chance: Chance, name: str) -> str:
    draw = chance.number()
    if draw < 0.94:
        return name
    if draw < 0.98:
        return name.upper() if draw < 0.96 else " " + name
    return name.replace(" ", "  ", 1)
