"""Customers who could speak for us: candidates, opportunities, and what came of them."""

from __future__ import annotations

from services.scoring.advocacy.book import (
    MOVES,
    Wording,
    clashes,
    create,
    create_top,
    edit,
    find_opportunity,
    move,
)
from services.scoring.advocacy.candidates import Candidate, Candidates, High, candidates, high
from services.scoring.advocacy.listing import (
    STAGES,
    TARGET,
    Board,
    OpportunityRow,
    Step,
    asked,
    converted,
    download_opportunities,
    get_opportunity,
    history,
    listing,
)
from services.scoring.advocacy.notable import BLOCKS, TYPES
from services.scoring.advocacy.settling import settle, unfounded

__all__ = [
    "BLOCKS",
    "MOVES",
    "STAGES",
    "TARGET",
    "TYPES",
    "Board",
    "Candidate",
    "Candidates",
    "High",
    "OpportunityRow",
    "Step",
    "Wording",
    "asked",
    "candidates",
    "clashes",
    "converted",
    "create",
    "create_top",
    "download_opportunities",
    "edit",
    "find_opportunity",
    "get_opportunity",
    "high",
    "history",
    "listing",
    "move",
    "settle",
    "unfounded",
]
