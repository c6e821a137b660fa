"""Customers and events as arrays: what fits together is worked out once per distinct text or value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from services.terms import about, terms

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

CUSTOMERS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "industry": pl.String,
    "segment": pl.String,
    "region": pl.String,
    "country": pl.String,
    "city": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "started_on": pl.Date,
    "interests": pl.List(pl.String),
    "challenges": pl.List(pl.String),
    "goals": pl.List(pl.String),
}
EVENTS: dict[str, Any] = {
    "event_id": pl.Int64,
    "starts_at": pl.Datetime("us", "UTC"),
    "held_on": pl.Date,
    "type": pl.String,
    "topics": pl.List(pl.String),
    "themes": pl.List(pl.String),
    "industries": pl.List(pl.String),
    "segments": pl.List(pl.String),
    "regions": pl.List(pl.String),
    "country": pl.String,
    "city": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "in_person": pl.Boolean,
    "virtual": pl.Boolean,
}
"""`topics` are those one can have attended before; `themes` all that says what it is about. An event that is
neither `in_person` nor `virtual` is taken for virtual."""
MOST_TOPICS = 200
FARTHEST_KM = 4_000.0
"""Where the distance has its full weight."""
ABROAD, AT_HOME, SOMEWHERE = 0.5, 0.15, 0.3
"""Distances where coordinates are missing: another country, the same one, nothing known."""
EARTH_KM = 6_371.0


def key_of(topic: str) -> str:
    """Topics are told apart by their letters, not their case."""
    return " ".join(topic.casefold().split())


class Ground:
    """Positions are those of the frames, `customers` as CUSTOMERS and `events` as EVENTS in their order."""

    def __init__(self, customers: pl.DataFrame, events: pl.DataFrame) -> None:
        self.customers = customers
        self.events = events
        self.size = customers.height
        self._segment = _Coded(customers["segment"])
        self._region = _Coded(customers["region"])
        self._industry = _Coded(customers["industry"])
        self._country = _Coded(customers["country"])
        self._topic_lists = events["topics"].to_list()
        self._theme_lists = events["themes"].to_list()
        self.types = sorted(set(events["type"].to_list()))
        self.type_of = np.array([self.types.index(one) for one in events["type"]], np.int64)
        self.topics = self._vocabulary()
        place = {topic: n for n, topic in enumerate(self.topics)}
        self.topics_of = [
            np.array(sorted({place[k] for t in some or () if (k := key_of(t)) in place}), np.int64)
            for some in self._topic_lists
        ]

    def _vocabulary(self) -> list[str]:
        """The last event's topics, which is the one that is asked about, and the most frequent others."""
        counted = Counter(key_of(t) for some in self._topic_lists for t in set(some or ()))
        last = [key_of(t) for t in (self._topic_lists[-1] or ())] if self._topic_lists else []
        usual = [topic for topic, _ in counted.most_common(MOST_TOPICS)]
        return list(dict.fromkeys([*last, *usual]))

    def eligible(self, event: int) -> Bools:
        """Whom the event is for: by segment and region, among those who were customers by then."""
        row = self.events.row(event, named=True)
        fits = np.ones(self.size, np.bool_)
        if row["segments"]:
            fits &= self._segment.among(row["segments"])
        if row["regions"]:
            fits &= self._region.among(row["regions"])
        return fits & ~(self._started > np.datetime64(row["held_on"], "D"))

    @cached_property
    def _started(self) -> npt.NDArray[np.datetime64]:
        return self.customers["started_on"].to_numpy().astype("datetime64[D]")

    def of_industry(self, event: int) -> Bools:
        """Customers of an industry that the event is made for; nobody's where it is for all of them."""
        wanted = self.events["industries"][event]
        if wanted is None or not len(wanted):
            return np.zeros(self.size, np.bool_)
        return self._industry.among(wanted.to_list())

    def distance(self, event: int) -> Floats:
        """0 where nobody has to travel, up to 1 for FARTHEST_KM and more."""
        row = self.events.row(event, named=True)
        if row["virtual"] or not row["in_person"]:
            return np.zeros(self.size)
        country = row["country"]
        known = ~self._country.missing
        there = self._country.among([country]) if country else np.zeros(self.size, np.bool_)
        guess = np.where(there, AT_HOME, ABROAD) if country else np.full(self.size, SOMEWHERE)
        guess = np.where(known, guess, SOMEWHERE)
        if row["latitude"] is None or row["longitude"] is None:
            return guess
        away = self.kilometres(row["latitude"], row["longitude"])
        scaled = np.clip(away / FARTHEST_KM, 0.0, 1.0)
        return np.where(np.isfinite(scaled), scaled, guess)

    def kilometres(self, latitude: float, longitude: float) -> Floats:
        """From each customer along the great circle; nan where its place is not known."""
        lat = np.radians(self.customers["latitude"].to_numpy().astype(np.float64))
        lon = np.radians(self.customers["longitude"].to_numpy().astype(np.float64))
        there_lat, there_lon = np.radians(latitude), np.radians(longitude)
        half = (
            np.sin((lat - there_lat) / 2) ** 2
            + np.cos(lat) * np.cos(there_lat) * np.sin((lon - there_lon) / 2) ** 2
        )
        return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))

    def interested(self, event: int) -> Bools:
        """A declared interest is taken up by what the event is about, see services.terms."""
        return self._interests.taken_up(self.themes(event), self._topic_lists[event] or ())

    def working_on(self, event: int) -> Bools:
        """A challenge or goal shares a word with what the event is about."""
        return self._challenges.hit(self.themes(event))

    def themes(self, event: int) -> frozenset[str]:
        """The stems of what the event is about."""
        return about(self._theme_lists[event] or ())

    @cached_property
    def _interests(self) -> _Said:
        return _Said([self.customers["interests"]])

    @cached_property
    def _challenges(self) -> _Said:
        return _Said([self.customers["challenges"], self.customers["goals"]])

    @cached_property
    def declared(self) -> Bools:
        """Topics x customers: the topic takes up anything that the customer has declared."""
        columns = [self.customers[name] for name in ("interests", "challenges", "goals")]
        said = _Said(columns)
        found = [said.taken_up(terms(topic), [topic]) for topic in self.topics]
        return np.stack(found) if found else np.zeros((0, self.size), np.bool_)


class _Coded:
    """A column of few distinct values, as numbers."""

    def __init__(self, values: pl.Series) -> None:
        self._words = values.drop_nulls().unique().sort().to_list()
        place = {word: n for n, word in enumerate(self._words)}
        coded = values.replace_strict(place, default=-1, return_dtype=pl.Int64).fill_null(-1)
        self._codes = coded.to_numpy()
        self.missing = self._codes < 0

    def among(self, wanted: Iterable[str]) -> Bools:
        keys = {key_of(word) for word in wanted}
        codes = [n for n, word in enumerate(self._words) if key_of(word) in keys]
        return np.isin(self._codes, codes)


class _Said:
    """Which customers said which text; each distinct one is looked at once."""

    def __init__(self, columns: Sequence[pl.Series]) -> None:
        self._size = len(columns[0])
        pairs = pl.concat(
            [
                pl.DataFrame({"text": column, "who": np.arange(self._size)})
                .explode("text", empty_as_null=False)
                .drop_nulls()
                for column in columns
            ]
        )
        texts = pairs["text"].unique(maintain_order=True).to_list()
        place = {text: n for n, text in enumerate(texts)}
        self._who = pairs["who"].to_numpy()
        self._what = np.array([place[text] for text in pairs["text"]], np.int64)
        self._count = len(texts)
        self._length = np.array([len(terms(text)) or -1 for text in texts], np.int64)
        self._by_term: dict[str, list[int]] = {}
        for n, text in enumerate(texts):
            for term in terms(text):
                self._by_term.setdefault(term, []).append(n)

    def hit(self, wanted: frozenset[str]) -> Bools:
        """Customers any of whose texts holds one of the terms."""
        return self._whose(self._held(wanted) > 0)

    def taken_up(self, themes: frozenset[str], topics: Iterable[str]) -> Bools:
        """Customers any of whose texts is taken up by the themes or topics, as services.terms says."""
        found = self._held(themes) == self._length
        for named in filter(None, map(terms, topics)):
            found |= self._held(named) == len(named)
        return self._whose(found)

    def _held(self, wanted: frozenset[str]) -> Ints:
        """How many of the terms each text holds."""
        found = np.zeros(self._count, np.int64)
        for term in wanted:
            found[self._by_term.get(term, [])] += 1
        return found

    def _whose(self, found: Bools) -> Bools:
        out = np.zeros(self._size, np.bool_)
        out[self._who[found[self._what]]] = True
        return out
