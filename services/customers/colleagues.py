"""CSMs named in a CRM file, as people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from services.customers.known import PERSON

LONGEST_NAME = 200
Pair = tuple[str | None, str | None]


@dataclass
class Colleagues:
    """Who is known, and who has to be added. New people have ids below zero.

    `vouched` is whether an administrator imports: an address that comes with a file may later sign
    in through an identity provider, so only an administrator's file may bring one in.
    """

    people: pl.DataFrame
    vouched: bool
    added: list[dict[str, int | str | None]] = field(default_factory=list)
    _emails: dict[str, int] = field(default_factory=dict)
    _names: dict[str, dict[int, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.people.iter_rows(named=True):
            self._note(row["id"], row["name"], row["email"])

    def _note(self, person_id: int, name: str, email: str | None) -> None:
        self._names.setdefault(_key(name), {})[person_id] = email
        if email:
            self._emails[email] = person_id

    def resolve(self, pairs: Iterable[Pair]) -> pl.DataFrame:
        """`csm_name`, `csm_email`, `csm_id`, `problem` for each distinct pair; there are dozens.

        Pairs with an address come first, so that a bare name can mean the person that one brought.
        """
        ordered = sorted(dict.fromkeys(pairs), key=_certainty)
        rows = [(name, email, *self._one(name, email)) for name, email in ordered]
        return pl.DataFrame(
            rows,
            schema={
                "csm_name": pl.Utf8,
                "csm_email": pl.Utf8,
                "csm_id": pl.Int64,
                "problem": pl.Utf8,
            },
            orient="row",
        )

    def alone(self, person_id: int | None) -> bool:
        """Whether this is the only colleague there is, the file's own included."""
        return not self.added and self.people["id"].to_list() == [person_id]

    def new_people(self) -> pl.DataFrame:
        return pl.DataFrame(self.added, schema=PERSON, orient="row")

    def _one(self, name: str | None, email: str | None) -> tuple[int | None, str | None]:
        if name and "@" in name and email is None:
            name, email = None, name
        address = email.strip().lower() if email else None
        if address in self._emails:
            return self._emails[address], None
        if name is None:
            return self._by_address_alone(address)
        if len(name) > LONGEST_NAME:
            return None, f"CSM left out: name longer than {LONGEST_NAME} characters"
        same = self._names.get(_key(name), {})
        if address and self.vouched:
            same = {k: v for k, v in same.items() if v is None}
        if len(same) > 1:
            return (
                None,
                f"CSM left out: {len(same)} colleagues are called {name}; give the e-mail address",
            )
        found = next(iter(same), None) or self._add(name, address if self.vouched else None)
        if address:
            self._emails[address] = found  # other rows of the file may give the address alone
        return found, None

    def _by_address_alone(self, address: str | None) -> tuple[int | None, str | None]:
        if address is None:
            return None, None
        if not self.vouched:
            return None, "CSM left out: no colleague has this e-mail address; an admin can add them"
        if "@" not in address.strip("@") or len(address) > 320:
            return None, "CSM left out: not an e-mail address"
        return self._add(address.split("@")[0][:LONGEST_NAME], address), None

    def _add(self, name: str, email: str | None) -> int:
        person_id = -len(self.added) - 1
        self.added.append({"id": person_id, "name": name, "email": email})
        self._note(person_id, name, email)
        return person_id


def _certainty(pair: Pair) -> tuple[bool, bool, str, str]:
    name, email = pair
    return email is None, name is None, email or "", name or ""


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
