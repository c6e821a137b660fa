"""What each part of the health score weighs; set by admins."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import AppSetting
from services.access import ADMINISTRATOR, Viewer, audit, require_role

NAME = "health_weights"
TOTAL = 100
PARTS = {"reported": "The CRM's own figure", "engagement": "Engagement at events"}


@dataclass(frozen=True)
class HealthWeights:
    """Per cent; whole numbers that add up to 100, else BadInput. A part nobody knows drops out, and the
    others keep their proportions."""

    reported: int = 70
    engagement: int = 30

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if type(value) is not int or not 0 <= value <= TOTAL:
                raise BadInput(f"The weight of “{PARTS[name]}” must be a whole number up to 100.")
        total = sum(asdict(self).values())
        if total != TOTAL:
            raise BadInput(f"The weights add up to {total}. Change them so that they total 100.")


def load(session: Session) -> HealthWeights:
    """The weights in force; the built-in ones before an admin has set any."""
    kept = session.get(AppSetting, NAME, populate_existing=True)
    return HealthWeights(**{name: kept.value[name] for name in PARTS}) if kept else HealthWeights()


def keep(session: Session, weights: HealthWeights, *, by: Viewer, now: datetime) -> bool:
    """Write them down; False when they were in force already. Admins only."""
    require_role(by, ADMINISTRATOR)
    before = load(session)
    if before == weights:
        return False
    kept = session.get(AppSetting, NAME) or AppSetting(name=NAME)
    kept.value, kept.changed_by, kept.changed_at = asdict(weights), by.person_id, now
    session.add(kept)
    what = f"reported {weights.reported}%, engagement {weights.engagement}%"
    audit(
        session, by, "health_weights.changed", "app_setting", None, what, now,
        detail={"before": asdict(before), "after": asdict(weights)},
    )  # fmt: skip
    return True
