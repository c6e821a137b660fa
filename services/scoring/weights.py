"""How many of the hundred points each component is worth, for everyone or for one segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from data.errors import BadInput

TOTAL_POINTS = 100


@dataclass(frozen=True)
class Weights:
    """Points per component; whole numbers from 0 to 100 that add up to 100, else BadInput."""

    frequency: int = 30
    recency: int = 25
    diversity: int = 20
    depth: int = 15
    consistency: int = 10

    def __post_init__(self) -> None:
        points = self.as_dict()
        for name, value in points.items():
            if type(value) is not int or not 0 <= value <= TOTAL_POINTS:
                raise BadInput(
                    f"The weight for {name} is {value!r}. Give a whole number from 0 to 100."
                )
        total = sum(points.values())
        if total != TOTAL_POINTS:
            raise BadInput(f"The weights add up to {total}. Change them so that they total 100.")

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def from_dict(cls, points: Mapping[str, Any]) -> Weights:
        """Every component must be named and nothing else, so that no default slips in unseen."""
        missing = [name for name in COMPONENTS if name not in points]
        unknown = [str(name) for name in points if name not in COMPONENTS]
        if missing or unknown:
            wrong = "; ".join(
                text
                for text, names in (
                    (f"missing: {', '.join(missing)}", missing),
                    (f"unknown: {', '.join(unknown)}", unknown),
                )
                if names
            )
            raise BadInput(f"Weights are needed for {', '.join(COMPONENTS)} ({wrong}).")
        return cls(**{name: points[name] for name in COMPONENTS})


COMPONENTS: tuple[str, ...] = tuple(entry.name for entry in fields(Weights))


@dataclass(frozen=True)
class WeightBook:
    """The weights in force: a default, and others for the segments that have their own."""

    default: Weights = field(default_factory=Weights)
    by_segment: Mapping[str, Weights] = field(default_factory=dict)

    def of(self, segment: str | None) -> Weights:
        if segment is None:
            return self.default
        return self.by_segment.get(segment, self.default)

    def as_dict(self) -> dict[str, Any]:
        """`{"default": {component: points}, "by_segment": {segment: {component: points}}}`."""
        own = {segment: weights.as_dict() for segment, weights in self.by_segment.items()}
        return {"default": self.default.as_dict(), "by_segment": own}

    @classmethod
    def from_dict(cls, book: Mapping[str, Any]) -> WeightBook:
        own = book.get("by_segment") or {}
        return cls(
            default=Weights.from_dict(book["default"]),
            by_segment={segment: Weights.from_dict(points) for segment, points in own.items()},
        )
