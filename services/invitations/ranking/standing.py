"""What of a ranking is the same for everybody who looks at the event: features, fit and history."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from threading import Lock

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.tables import Event, Invitation
from data.versions import current
from services.invitations.fit.dismissals import marks
from services.invitations.fit.ground import Bools, Floats
from services.invitations.fit.history import History
from services.invitations.fit.learning import replayed
from services.invitations.fit.model import Model
from services.invitations.ranking.loading import Loaded, dismissals, load
from services.invitations.ranking.models import in_use

MOST = 4
"""Events kept in memory, the last ones that were asked about: about 40 MB each with 10,000 customers."""


@dataclass(frozen=True)
class Standing:
    """Arrays by the Ground's positions: `fits` whom the event is for, `features` x NAMES, `scores` and
    `chances` (0..1) with what customers have dismissed taken off."""

    loaded: Loaded
    history: History
    model: Model
    fits: Bools
    features: Floats
    scores: Floats
    chances: Floats


_kept: OrderedDict[Hashable, Standing] = OrderedDict()
_lock = Lock()


def standing(session: Session, event: Event, today: date) -> Standing:
    """As of the open transaction. Nobody may change what comes back.

    It is kept in this process for the next one who only reads, and holds for as long as no data version
    changes. A transaction that writes has it made anew: what it sees may never come to be.
    """
    key = _key(session, event, today)
    if key is None:
        return _made(session, event, today)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _made(session, event, today)
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _key(session: Session, event: Event, today: date) -> Hashable | None:
    """Asked before anything else is read, so that what is kept is never older than its key says."""
    bind = session.get_bind()
    if not bind.get_execution_options().get("read_only"):
        return None
    where = bind.url if isinstance(bind, Engine) else bind.engine.url
    # States of invitations follow mails and answers, which no version counts.
    moved = session.execute(select(func.count(), func.max(Invitation.updated_at))).one()
    versions = tuple(sorted(current(session).items()))
    return (where.render_as_string(), versions, tuple(moved), event.id, today)


def _made(session: Session, event: Event, today: date) -> Standing:
    loaded = load(session, today, event)
    ground, target = loaded.ground, loaded.target
    history = replayed(ground, loaded.record, range(target))
    fits = ground.eligible(target)
    model = in_use(session)
    features = history.features(target)
    scores = model.scores(features)
    # Chances are set among all it is for, so that a colleague's list shows the same ones.
    among = scores[fits] if fits.any() else scores
    lowered = scores - marks(ground, target, dismissals(session))
    chances = model.chances(lowered, history.base, among)
    return Standing(loaded, history, model, fits, features, lowered, chances)
