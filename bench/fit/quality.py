"""Lists made for simulated events, by the model and by simpler means, and how good they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.fit.world import World
from services.invitations.fit.ground import Bools, Floats, Ground
from services.invitations.fit.history import History
from services.invitations.fit.learning import Offers, expected, refit
from services.invitations.fit.model import Model, fitted

INVITED = 0.2
TOP = 20
METHODS = ("random", "topic history", "declared", "most engaged", "hand weights", "model", "oracle")


@dataclass(frozen=True)
class Quality:
    """`ndcg` of the first TOP against who would have come; `attended`: share of those invited who came;
    `reached`: share of customers invited at least once. `sums`: per event how many of those invited were
    expected, the ends of the interval, and how many came."""

    ndcg: float
    attended: float
    reached: float
    sums: tuple[tuple[float, float, float, float], ...] = ()


def ndcg(scores: Floats, would: Bools, top: int = TOP) -> float:
    """Normalised discounted gain of the order; the gain is 1 for each who would come."""
    weight = 1 / np.log2(np.arange(2, top + 2))
    got = (would[np.argsort(-scores, kind="stable")[:top]] * weight).sum()
    best = weight[: min(top, int(would.sum()))].sum()
    return float(got / best) if best else float("nan")


@dataclass
class _Run:
    """A method at work in a world."""

    world: World
    method: str
    rng: np.random.Generator
    history: History
    rows: list[tuple[Floats, Bools]]
    intervals: bool

    def learned(self) -> Model:
        """What the nightly fit makes of all that came of invitations so far."""
        if self.method != "model":
            return Model()
        offers = [Offers(n, features, came, 0.2) for n, (features, came) in enumerate(self.rows)]
        if self.intervals:
            return refit(offers, Model()).model
        return fitted(
            np.concatenate([one.features for one in offers]),
            np.concatenate([one.came for one in offers]),
        )

    def scores(self, event: int, features: Floats) -> tuple[Floats, tuple[Model, Floats] | None]:
        """Scores of everybody, and the model with its chances where there is one."""
        if self.method in ("model", "hand weights"):
            model = self.learned()
            scores = model.scores(features)
            return scores, (model, model.chances(scores, self.history.base))
        tie = 1e-6 * self.rng.random(len(features))
        simple = {
            "random": tie,
            "topic history": features[:, 1] + tie,
            "declared": features[:, 3] + features[:, 4] + tie,
            "most engaged": features[:, 0] + tie,
            "oracle": self.world.chance[event],
        }
        return simple[self.method], None


def quality(world: World, method: str, *, seed: int = 0, intervals: bool = True) -> Quality:
    """The first year's invitations are by chance, the second's by `method`, each learning from what came
    of those before. Without `intervals` it is three times faster, and `sums` say nothing."""
    ground = Ground(world.customers, world.events)
    run = _Run(world, method, np.random.default_rng(seed), History(ground), [], intervals)
    many = round(INVITED * ground.size)
    ever = np.zeros(ground.size, np.bool_)
    found, shares, sums = list[float](), list[float](), list[tuple[float, float, float, float]]()
    for event, would in enumerate(world.would):
        features = run.history.features(event)
        second = event >= world.second
        scores, told = (
            run.scores(event, features) if second else (run.rng.random(ground.size), None)
        )
        invited = np.zeros(ground.size, np.bool_)
        invited[np.argsort(-scores, kind="stable")[:many]] = True
        came = invited & would
        if second:
            ever |= invited
            found.append(ndcg(scores, would))
            shares.append(float(came.sum() / many))
        if told is not None:
            told_of = expected(told[0], features[invited], told[1][invited])
            sums.append((*told_of, float(came.sum())))
        run.rows.append((features[invited], came[invited]))
        run.history.add(event, invited, came)
    return Quality(float(np.mean(found)), float(np.mean(shares)), float(ever.mean()), tuple(sums))
