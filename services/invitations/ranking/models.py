"""The weights in use, every fit there was, and the nightly one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.db import Transact
from data.tables import FitModel
from data.versions import INVITATIONS, bump
from services.access import Viewer
from services.figures import share_of
from services.invitations.fit.history import NAMES
from services.invitations.fit.learning import Refit, refit, walk
from services.invitations.fit.model import HAND, SHRUNK, Model
from services.invitations.ranking.loading import load

log = logging.getLogger(__name__)
JOB = "invitations.refit"
FEATURE_WORDS = {
    "rate": "Share of the events they could have come to that they came to",
    "topic": "How much more often they come for the event's topics",
    "profile": "How much of what they came to was on its topics",
    "interest": "A declared interest is among its topics",
    "challenge": "A challenge or goal of theirs is among its topics",
    "industry": "It is made for their industry",
    "distance": "How near it is (a virtual seat is no distance)",
    "type": "How much more often they come to events of its type",
    "recent": "Share of the last six they came to",
    "declared": "How much of its topics they have declared",
}


@dataclass(frozen=True)
class FitRow:
    """One fit: its losses on the last event, before and after, and whether it is used."""

    version: int
    fitted_at: datetime
    rows: int
    events: int
    log_loss_before: float | None
    log_loss_after: float | None
    kept: bool
    why: str | None


@dataclass(frozen=True)
class ModelCard:
    """The weights in use beside those set by hand, what they were fitted to, and how true their chances
    were: `calibration` are rows of `{low, high, rows, said, came, least, most}`, the last two Wilson's 95%
    interval of the share who came. `version` 0: set by hand so far. `fits`: all there were, the newest first."""

    version: int
    weights: tuple[tuple[str, str, float, float], ...]
    fitted_at: datetime | None
    rows: int
    events: int
    calibration: tuple[Mapping[str, Any], ...]
    fits: tuple[FitRow, ...]


def in_use(session: Session) -> Model:
    """The newest weights that were kept; those set by hand before there are any."""
    row = _kept(session)
    return _model(row) if row is not None else Model()


def _kept(session: Session) -> FitModel | None:
    return session.scalars(
        select(FitModel).where(FitModel.kept).order_by(FitModel.version.desc()).limit(1)
    ).first()


def _model(row: FitModel) -> Model:
    said = row.weights
    size = len(NAMES) + 1
    covariance = tuple(
        tuple(said.get(f"cov.{min(a, b)}.{max(a, b)}", 0.0) for b in range(size))
        for a in range(size)
    )
    weights = tuple(said.get(name, 0.0) for name in NAMES)
    return Model(weights, said["intercept"], covariance, said["pull"], row.version)


def _stored(model: Model) -> dict[str, float]:
    found = dict(zip(NAMES, model.weights, strict=True)) | {"pull": model.pull}
    if model.intercept is not None:
        found["intercept"] = model.intercept
    for a, row in enumerate(model.covariance):
        found |= {f"cov.{a}.{b}": row[b] for b in range(a, len(row))}
    return found


def refit_nightly(transact: Transact, clock: Callable[[], datetime]) -> bool:
    """Learn from all offers there were; whether the new weights are used from now on.

    The fit takes a while, so no transaction is open meanwhile. Where there is too little to learn from,
    nothing is written.
    """
    with transact() as session:
        loaded = load(session, clock().date())
        current = in_use(session)
    offers, _ = walk(loaded.ground, loaded.record, range(loaded.target + 1))
    found = refit(offers, current)
    if found.loss_after is None:
        log.info("refit rows=%s events=%s too_few", found.rows, found.events)
        return False
    with transact() as session:
        version = _keep(session, found, clock())
    log.info("refit version=%s rows=%s kept=%s", version, found.rows, found.kept)
    return found.kept


def _keep(session: Session, found: Refit, now: datetime) -> int:
    version = (session.scalar(select(func.max(FitModel.version))) or 0) + 1
    session.add(
        FitModel(
            version=version, weights=_stored(replace(found.model, version=version)), fitted_at=now,
            rows=found.rows, events=found.events, log_loss_before=found.loss_before,
            log_loss_after=found.loss_after, kept=found.kept, why=found.why,
            calibration=[asdict(one) for one in found.calibration],
        )
    )  # fmt: skip
    bump(session, INVITATIONS)
    session.flush()
    return version


def _bounded(one: Mapping[str, Any]) -> Mapping[str, Any]:
    share = share_of(round(one["came"] * one["rows"]), one["rows"])
    return {**one, "least": share.low, "most": share.high}


def card(session: Session, by: Viewer) -> ModelCard:  # noqa: ARG001 - it holds no customer
    """The model in use and the last fits."""
    row = _kept(session)
    model = _model(row) if row is not None else Model(weights=tuple(SHRUNK * one for one in HAND))
    weights = tuple(
        (name, FEATURE_WORDS[name], model.weights[place], SHRUNK * HAND[place])
        for place, name in enumerate(NAMES)
    )
    fits = session.scalars(select(FitModel).order_by(FitModel.version.desc()).limit(30))
    return ModelCard(
        model.version, weights, row.fitted_at if row else None, row.rows if row else 0,
        row.events if row else 0, tuple(_bounded(one) for one in row.calibration) if row else (),
        tuple(
            FitRow(
                one.version, one.fitted_at, one.rows, one.events, one.log_loss_before,
                one.log_loss_after, one.kept, one.why,
            )
            for one in fits
        ),
    )  # fmt: skip
