"""The chance that a customer comes when invited: ten weights, drawn to hand-set ones where data are few."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from services.invitations.fit.ground import Bools, Floats
from services.invitations.fit.history import NAMES

HAND = (1.0, 1.0, 0.5, 0.7, 0.5, 0.4, 1.5, 0.6, 0.3, 0.3)
"""Weights to begin with, by NAMES."""
SHRUNK = 0.6
"""What of them is the prior's mean once there is something to learn from."""
STRENGTH = 16.0
"""The prior's precision per weight."""
LOOSE = 0.01
"""The same for the intercept, which is the data's alone."""
STEPS = 25
UNKNOWN_PULL = 0.3
"""Variance of events' own pull as long as nothing is known of it."""


@dataclass(frozen=True)
class Model:
    """`weights` by NAMES. `covariance` of weights and intercept (last), empty for hand-set ones.
    `pull`: variance of events' own pull in log-odds, beyond what is known of customers."""

    weights: tuple[float, ...] = HAND
    intercept: float | None = None
    covariance: tuple[tuple[float, ...], ...] = ()
    pull: float = UNKNOWN_PULL
    version: int = 0
    names: tuple[str, ...] = field(default=NAMES)

    def scores(self, features: Floats) -> Floats:
        """The log-odds without the intercept."""
        return features @ np.array(self.weights)

    def chances(self, scores: Floats, base: float, among: Floats | None = None) -> Floats:
        """Chances 0..1.

        Hand-set weights have no intercept: it is set so that the mean over the scores `among` (these, if
        not given) is `base`, and the scores are drawn together as the prior's are.
        """
        if self.intercept is not None:
            return sigmoid(scores + self.intercept)
        start = _intercept_for(SHRUNK * (scores if among is None else among), base)
        return sigmoid(SHRUNK * scores + start)


def sigmoid(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -35, 35)))


def _intercept_for(scores: Floats, base: float) -> float:
    """By halving: the mean chance grows with the intercept."""
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        if not len(scores) or sigmoid(scores + middle).mean() > base:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def log_loss(chances: Floats, came: Bools) -> float:
    """Mean over the rows, in nats."""
    safe = np.clip(chances, 1e-6, 1 - 1e-6)
    return float(-np.where(came, np.log(safe), np.log(1 - safe)).mean())


def fitted(features: Floats, came: Bools, *, version: int = 0) -> Model:
    """The weights that make what came of these offers most likely, given the prior; none is below zero.

    Newton's method on -log likelihood + STRENGTH/2 |w - SHRUNK HAND|^2. A weight that would turn negative
    stays at zero and the others are found without it, so that a feature never counts against what it says.
    """
    design = np.column_stack([features, np.ones(len(features))])
    mean = np.append(SHRUNK * np.array(HAND), 0.0)
    precision = np.append(np.full(len(HAND), STRENGTH), LOOSE)
    rate = float(np.clip(came.mean() if len(came) else 0.2, 0.01, 0.99))
    start = _intercept_for(features @ mean[:-1], rate)
    free = np.ones(len(mean), np.bool_)
    while True:
        found = _newton(design, came, mean, precision, np.append(mean[:-1], start), free)
        wrong = free & (found < 0)
        wrong[-1] = False
        if not wrong.any():
            break
        free &= ~wrong
    inverse = np.linalg.inv(_hessian(design, sigmoid(design @ found), precision))
    return Model(
        weights=tuple(float(one) for one in found[:-1]),
        intercept=float(found[-1]),
        covariance=tuple(tuple(float(one) for one in row) for row in inverse),
        version=version,
    )


def _newton(
    design: Floats,
    came: Bools,
    mean: Floats,
    precision: Floats,
    start: Floats,
    free: Bools,
) -> Floats:
    weights = np.where(free, start, 0.0)
    for _ in range(STEPS):
        chances = sigmoid(design @ weights)
        gradient = design.T @ (chances - came) + precision * (weights - mean)
        hessian = _hessian(design, chances, precision)
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _hessian(design: Floats, chances: Floats, precision: Floats) -> Floats:
    return (design * (chances * (1 - chances))[:, None]).T @ design + np.diag(precision)
