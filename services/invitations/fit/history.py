"""What customers made of earlier events, kept up event by event, and the features of the next one."""

from __future__ import annotations

import numpy as np

from services.invitations.fit.ground import Bools, Floats, Ground, Ints

NAMES = (
    "rate", "topic", "profile", "interest", "challenge", "industry", "distance", "type", "recent",
    "declared",
)  # fmt: skip
"""The features, in the order of their columns."""
RATE_PRIOR, TOPIC_PRIOR = 3.0, 4.0
"""Events that a customer's own rate, and its rate for a topic or type, are drawn to the mean with."""
LEAST, MOST = 0.2, 5.0
"""Between these, how much more often than usual somebody comes for a topic or type."""
LAST = 6
_POPCOUNT = np.array([bin(n).count("1") for n in range(1 << LAST)], np.float64)


class History:
    """All events that were `add`ed, of the Ground's customers.

    `offered` and `came` count events per customer; the same by topic and type are topics (types) x
    customers. A customer who came was offered it.
    """

    def __init__(self, ground: Ground) -> None:
        size, topics, types = ground.size, len(ground.topics), len(ground.types)
        self._ground = ground
        self.offered = np.zeros(size)
        self.came = np.zeros(size)
        self.topic_offered = np.zeros((topics, size))
        self.topic_came = np.zeros((topics, size))
        self.type_offered = np.zeros((types, size))
        self.type_came = np.zeros((types, size))
        self._last = np.zeros(size, np.int64)

    def add(self, event: int, offered: Bools, came: Bools) -> None:
        """Take in an event: who could have come, and who did."""
        offered = offered | came
        topics, kind = self._ground.topics_of[event], self._ground.type_of[event]
        self.offered += offered
        self.came += came
        self.topic_offered[topics] += offered
        self.topic_came[topics] += came
        self.type_offered[kind] += offered
        self.type_came[kind] += came
        pushed = ((self._last << 1) | came) & ((1 << LAST) - 1)
        self._last = np.where(offered, pushed, self._last)

    @property
    def base(self) -> float:
        """The share of offers that were taken, by all customers."""
        return float(np.clip((self.came.sum() + 1) / (self.offered.sum() + 5), 0.01, 0.95))

    @property
    def rate(self) -> Floats:
        """Each customer's share of offers taken, drawn to that of all."""
        return (self.came + RATE_PRIOR * self.base) / (self.offered + RATE_PRIOR)

    @property
    def last_attended(self) -> Floats:
        """Of the last LAST events offered, how many were attended."""
        return _POPCOUNT[self._last]

    def features(self, event: int) -> Floats:
        """Customers x NAMES, as known before the event. Every feature but the rate is 0 where there is
        nothing to say for or against the customer."""
        ground, rate = self._ground, self.rate
        topics, kind = ground.topics_of[event], ground.type_of[event]
        columns = (
            np.log(rate / (1 - rate)),
            self._affinity(self.topic_offered[topics], self.topic_came[topics]),
            self._profile(topics),
            ground.interested(event).astype(np.float64),
            ground.working_on(event).astype(np.float64),
            ground.of_industry(event).astype(np.float64),
            -ground.distance(event),
            self._affinity(self.type_offered[[kind]], self.type_came[[kind]]),
            self.last_attended / np.clip(self.offered, 1, LAST),
            self._declared(topics),
        )
        return np.stack(columns, axis=1)

    def _affinity(self, offered: Floats, came: Floats) -> Floats:
        """Mean log of how much more often than all customers usually do they came for these topics (or
        types)."""
        if not len(offered):
            return np.zeros(self._ground.size)
        base = self.base
        drawn = (came + TOPIC_PRIOR * base) / (offered + TOPIC_PRIOR)
        return np.log(np.clip(drawn / base, LEAST, MOST)).mean(axis=0)

    def _profile(self, topics: Ints) -> Floats:
        """Cosine of what they attended by topic and the event's topics."""
        if not len(topics):
            return np.zeros(self._ground.size)
        length = np.sqrt((self.topic_came**2).sum(axis=0)) * np.sqrt(len(topics))
        return self.topic_came[topics].sum(axis=0) / np.maximum(length, 1e-9)

    def _declared(self, topics: Ints) -> Floats:
        """Cosine of the declared topics and the event's."""
        if not len(topics):
            return np.zeros(self._ground.size)
        declared = self._ground.declared
        length = np.sqrt(declared.sum(axis=0) * len(topics))
        return declared[topics].sum(axis=0) / np.maximum(length, 1e-9)
