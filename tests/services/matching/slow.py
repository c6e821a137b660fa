"""The cascade once more, row by row and as plainly as it can be said, to hold the fast one against.

It shares the keys of single texts (tested by themselves) and nothing else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import Any

import polars as pl
from rapidfuzz.distance import OSA

from services.matching.addresses import domain_keys, email_keys, registrable
from services.matching.book import CustomerBook
from services.matching.names import company_keys, person_parts
from services.matching.prepared import free_mail
from services.matching.words import GIANTS, NICKNAMES

FREE = set(free_mail().to_list())
NICKNAME_GROUPS = [set(group.split()) for group in NICKNAMES]


def email_of(text: str | None) -> str | None:
    return email_keys(pl.Series([text], dtype=pl.Utf8))[0]


def domain_of(text: str) -> str | None:
    return domain_keys(pl.Series([text], dtype=pl.Utf8))[0]


def root_of(domain: str) -> str:
    return registrable(pl.Series([domain]))[0] or domain


def company_of(text: str | None) -> dict | None:
    keys = company_keys(pl.Series([text], dtype=pl.Utf8)).to_dicts()
    return keys[0] if keys and keys[0]["full"] else None


def person_of(text: str | None) -> dict | None:
    parts = person_parts(pl.Series([text], dtype=pl.Utf8)).to_dicts()
    return parts[0] if parts and parts[0]["family"] else None


class SlowMatcher:
    def __init__(self, book: CustomerBook) -> None:
        self.customers = book.customers["customer_id"].to_list()
        self.emails = [(email_of(r["email"]), r) for r in book.emails.to_dicts()]
        entered = {(domain_of(r["domain"]), r["customer_id"]) for r in book.domains.to_dicts()}
        holders = defaultdict(set)
        for domain, customer in entered:
            holders[domain].add(customer)
        self.entered = {
            d: c for d, c in holders.items() if d not in FREE or (len(c) == 1 and d not in GIANTS)
        }
        self.parents = defaultdict(set)
        for domain, owners in self.entered.items():
            if root_of(domain) not in FREE:
                self.parents[root_of(domain)] |= owners
        names = pl.concat([book.customers.select("customer_id", "name"), book.names]).to_dicts()
        known = [(company_of(r["name"]), r["customer_id"]) for r in names]
        self.names: list[tuple[Any, int]] = [(k, c) for k, c in known if k]
        self.people = []
        for r in book.stakeholders.to_dicts():
            person = person_of(f"{r['first_name'] or ''} {r['last_name'] or ''}")
            if person:
                self.people.append((person, r))
        self.answers = defaultdict(set)
        fold = {
            "email": email_of,
            "domain": domain_of,
            "name": lambda t: (company_of(t) or {}).get("full"),
        }
        for r in book.answers.to_dicts():
            key = fold[r["kind"]](r["key"])
            if key:
                self.answers[r["kind"], r["verdict"], key].add(r["customer_id"])
        self._count_grams()

    def decide(self, email: str | None, company: str | None, name: str | None) -> tuple:
        """(band, evidence, customer_id, rounded confidence)"""
        customer, confidence, evidence = self._decide(
            email_of(email), company_of(company), person_of(name)
        )
        band = "automatic" if confidence >= 0.9 else "review" if confidence >= 0.5 else "unmatched"
        return band, evidence, customer if band == "automatic" else None, round(confidence, 3)

    def _decide(self, key, company, person) -> tuple:  # noqa: C901, PLR0912 (seen whole)
        said = self.answers["email", "is", key] if key else set()
        if said:
            return self._single(said, 0.99, "answer")
        if key and self.answers["email", "nobody", key]:
            return None, 0.0, "answer_nobody"
        recorded = self._recorded(key)
        if recorded:
            return self._single(recorded, 0.99, "email")
        domain = key.split("@")[1] if key else None
        chain = self._chain(domain)
        ruled_out = set(self.answers["email", "never", key])
        for link in chain:
            ruled_out |= self.answers["domain", "never", link]
        if company:
            ruled_out |= self.answers["name", "never", company["full"]]
        owners, answered = self._owners(chain)
        open_domain = not (owners - self._never(chain))
        owners -= ruled_out
        meanings = self._meanings(company, ruled_out)
        if len(owners) == 1:
            return self._one_owner(owners.pop(), answered, meanings, person)
        if not owners and any(self.answers["domain", "nobody", link] for link in chain):
            return None, 0.0, "answer_nobody"
        if owners:
            return self._shared(owners, meanings, person)
        free = any(link in FREE for link in chain)
        if domain and not free and open_domain:
            near = [d for d in self.entered if d.index(".") >= 5 and OSA.distance(d, domain) == 1]
            found = self._typo(key, near, ruled_out, meanings, person)
            if found:
                return found
            big = sorted(d for d in GIANTS if d.index(".") >= 5 and OSA.distance(d, domain) == 1)
            if big:
                free = True
                mended = self._recorded(key.split("@")[0] + "@" + big[0])
                if len(mended) == 1:
                    return mended.pop(), 0.95, "typo_email"
        return self._by_company(company, meanings, person, None if free else domain, ruled_out)

    def _single(self, customers: set, confidence: float, evidence: str) -> tuple:
        if len(customers) > 1:
            return None, 0.6, "shared_email"
        return next(iter(customers)), confidence, evidence

    def _recorded(self, key: str | None) -> set:
        if not key:
            return set()
        told = self.answers["email", "is", key]
        if told or self.answers["email", "nobody", key]:
            return set(told)
        owners = {r["customer_id"] for known, r in self.emails if known == key}
        return owners - self.answers["email", "never", key]

    def _chain(self, domain: str | None) -> list[str]:
        chain, root = [], root_of(domain) if domain else None
        while domain:
            chain.append(domain)
            if domain == root:
                break
            domain = domain.split(".", 1)[1]
        return chain

    def _never(self, chain: list[str]) -> set:
        return {c for link in chain for c in self.answers["domain", "never", link]}

    def _owners(self, chain: list[str]) -> tuple[set, bool]:
        for link in chain:
            said = self.answers["domain", "is", link]
            if said or link in self.entered:
                return set(said or self.entered[link]), bool(said)
        for link in chain:
            if link in self.parents:
                return set(self.parents[link]), False
        return set(), False

    def _one_owner(self, owner, answered, meanings, person) -> tuple:
        if answered:
            return owner, 0.99, "answer"
        if meanings.get(owner, 0) > 0.3:
            return owner, 0.985, "domain_and_company"
        rivals = [c for c, p in meanings.items() if p > 0.9 and c != owner]
        if rivals and not self._bears(person, owner):
            return None, 0.6, "conflict"
        return owner, 0.96, "domain"

    def _shared(self, owners, meanings, person) -> tuple:
        met = [c for c in owners if self._bears(person, c)]
        ranked = sorted((meanings.get(c, 0.0), -c) for c in owners)[::-1]
        best, second = ranked[0], ranked[1]
        if len(met) == 1:
            if best[0] > 0.9 and meanings.get(met[0], 0.0) < 0.3:
                return None, 0.6, "shared_domain"
            return met[0], 0.95, "shared_domain_person"
        if best[0] >= 0.5 and best[0] - second[0] >= 0.3:
            return -best[1], 0.92, "shared_domain_company"
        return None, 0.6, "shared_domain"

    def _typo(self, key, near, ruled_out, meanings, person) -> tuple | None:
        holders = {c for d in near for c in self.entered[d]}
        if len(holders) != 1 or holders & ruled_out:
            return None
        customer = holders.pop()
        if self._recorded(key.split("@")[0] + "@" + min(near)) == {customer}:
            return customer, 0.95, "typo_email"
        if self._bears(person, customer):
            return customer, 0.95, "typo_domain_person"
        if meanings.get(customer, 0.0) > 0.5:
            return customer, 0.95, "typo_domain_company"
        return None, 0.6, "typo_domain"

    def _by_company(self, company, meanings, person, domain, ruled_out) -> tuple:
        if company and self.answers["name", "nobody", company["full"]]:
            return None, 0.0, "answer_nobody"
        said = company and self.answers["name", "is", company["full"]]
        ranked = []
        for customer, p in meanings.items():
            how = self._bears(person, customer)
            z = math.log(p / (1 - p)) + {"exact": 5.5, "fuzzy": 4.0, None: 0.0}[how]
            if domain:
                z += 2.0 if self._label_agrees(domain, customer) else -1.0 if how else -2.5
            sure = min(1 / (1 + math.exp(-z)), 0.89 if domain and not how else 0.97)
            ranked.append((0.99 if said and p > 0.9 else sure, -customer, how))
        ranked.sort(key=lambda r: r[:2], reverse=True)
        if ranked and ranked[0][0] >= 0.5:
            sure, customer, how = ranked[0]
            if len(ranked) > 1 and ranked[1][0] > sure - 0.05 and sure > 0.6:
                sure = 0.6
            evidence = "answer" if said else "company_and_person" if how else "company"
            return -customer, sure, evidence
        namesakes = {
            r["stakeholder_id"]: r["customer_id"]
            for known, r in self.people
            if person and known["whole"] == person["whole"]
        }
        if not domain and len(namesakes) == 1 and not set(namesakes.values()) & ruled_out:
            return None, 0.4, "person_name"
        return None, ranked[0][0] if ranked else 0.0, "none"

    def _label_agrees(self, domain: str, customer: int) -> bool:
        word = root_of(domain).split(".")[0].replace("-", "")
        forms = {
            f
            for k, c in self.names
            if c == customer
            for f in (k["compact"], k["core"].replace(" ", ""))
        }
        return any(
            word == f
            or (min(len(word), len(f)) >= 5 and (word.startswith(f) or f.startswith(word)))
            for f in forms
        )

    def _bears(self, person, customer) -> str | None:
        mine = [known for known, r in self.people if r["customer_id"] == customer]
        if person and any(known["whole"] == person["whole"] for known in mine):
            return "exact"
        for known in mine if person else ():
            for given, family in (
                (person["given"], person["family"]),
                (person["family"], person["given"]),
            ):
                same_start = given[0] == known["given"][0] and family[0] == known["family"][0]
                if not (same_start or given == known["given"] or family == known["family"]):
                    continue
                score = self._alike(given, known["given"], nicknames=True)
                score *= self._alike(family, known["family"], nicknames=False)
                if score >= 0.75:
                    return "fuzzy"
        return None

    def _alike(self, a: str, b: str, *, nicknames: bool) -> float:
        if a == b:
            return 1.0
        if nicknames and any(a in group and b in group for group in NICKNAME_GROUPS):
            return 0.95
        if OSA.distance(a, b) <= 1 and min(len(a), len(b)) >= 3:
            return 0.9
        return 0.8 if min(len(a), len(b)) == 1 and a[0] == b[0] else 0.0

    def _meanings(self, company, ruled_out) -> dict[int, float]:
        if not company or self.answers["name", "nobody", company["full"]]:
            return {}
        said = self.answers["name", "is", company["full"]]
        found = {c: 0.99 / len(said) for c in said} or self._resolve(company)
        return {c: p for c, p in found.items() if c not in ruled_out}

    def _resolve(self, company) -> dict[int, float]:
        for level, p in (("full", 0.99), ("compact", 0.97), ("core", 0.85)):
            same = {c for k, c in self.names if k[level] == company[level]}
            if same:
                return {c: p / len(same) for c in sorted(same)[:3]}
        return self._by_spelling(company["full"])

    def _count_grams(self) -> None:
        docs = sorted({(k["full"], c) for k, c in self.names})
        self.docs = [(text, c, Counter(grams(text))) for text, c in docs]
        seen = Counter(g for _, _, bag in self.docs for g in bag)
        self.idf = lambda g: math.log((1 + len(docs)) / (1 + seen[g])) + 1
        words = Counter(w for text in {t for t, _ in docs} for w in set(text.split(" ")))
        top = math.log(1 + len(docs)) if docs else 1.0
        self.rarity = lambda w: (
            min(1.0, max(0.05, 1 - math.log(words[w] + 1) / top)) if words[w] else 1.0
        )

    def _cosine(self, a: Counter, b: Counter) -> float:
        def size(bag: Counter) -> float:
            return math.sqrt(sum((n * self.idf(g)) ** 2 for g, n in bag.items()))

        dot = sum(n * b[g] * self.idf(g) ** 2 for g, n in a.items() if g in b)
        return dot / (size(a) * size(b)) if a and b else 0.0

    def _by_spelling(self, text: str) -> dict[int, float]:
        asked = Counter(grams(text))
        ranked = sorted(
            ((-round(self._cosine(asked, bag), 6), c, known) for known, c, bag in self.docs)
        )
        best: dict[int, tuple[float, str]] = {}
        for minus, customer, known in ranked:
            if -minus >= 0.35 and -minus >= 0.6 * -ranked[0][0]:
                best.setdefault(customer, (-minus, known))
        near = sorted(((-cos, c, known) for c, (cos, known) in best.items()))[:3]
        found = {}
        for place, (minus, customer, known) in enumerate(near):
            cos, top = -minus, -near[0][0]
            rival = top
            if place == 0:
                rival = max(-near[1][0] if len(near) > 1 else 0.0, 0.6 * cos)
            z = -5.55 + 2.85 * cos + 10.12 * (cos - rival)
            if z + 3.15 > -2.5:
                (cover_q, lacks_q), (cover_d, lacks_d) = (
                    self._cover(text, known),
                    self._cover(known, text),
                )
                z += 3.15 * min(cover_q, cover_d) - 1.3 * lacks_q - 0.31 * lacks_d
                found[customer] = 1 / (1 + math.exp(-z))
        return found

    def _cover(self, text: str, other: str) -> tuple[float, float]:
        words, others = sorted(set(text.split(" "))), other.split(" ")
        met = {w: any(related(w, o) for o in others) for w in words}
        total = sum(self.rarity(w) for w in words)
        share = sum(self.rarity(w) for w in words if met[w]) / total
        return share, max([self.rarity(w) for w in words if not met[w]] or [0.0])


def grams(text: str) -> list[str]:
    padded = f" {text[:100]} "
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


def related(a: str, b: str) -> bool:
    short = min(len(a), len(b))
    cut = short >= 3 and (a.startswith(b) or b.startswith(a))
    return a == b or cut or (short >= 4 and OSA.distance(a, b) <= 1)
