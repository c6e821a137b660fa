"""What an admin says about the company that runs the app."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import BadInput
from data.settings import settings
from data.tables import AppSetting
from data.versions import MATCHING, bump
from services.access.audit import audit
from services.access.viewer import ADMINISTRATOR, Viewer, require_role

OWN_DOMAINS = "own_domains"
MOST_DOMAINS = 200
_DOMAIN = re.compile(r"(?=.{4,255}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def own_domains(session: Session) -> list[str]:
    """Mail domains of our own staff, as an admin listed them, in alphabetical order."""
    kept = session.get(AppSetting, OWN_DOMAINS)
    return sorted(kept.value) if kept else []


def fixed_own_domains() -> list[str]:
    """Those that the operator's settings name; they cannot be changed in the app."""
    return sorted(settings().own_domain_list)


def add_own_domain(session: Session, domain: str, *, by: Viewer, now: datetime) -> list[str]:
    """As `set_own_domains`, for one more."""
    return set_own_domains(session, "\n".join([*own_domains(session), domain]), by=by, now=now)


def set_own_domains(session: Session, text: str, *, by: Viewer, now: datetime) -> list[str]:
    """Replace the list by the domains in `text`, apart by commas, spaces or lines. Admins only.

    The caller stands `services.uploads.rematch.rematching` around it, so that everybody is matched anew.
    """
    require_role(by, ADMINISTRATOR)
    domains = sorted(
        {word.lower().removeprefix("@") for word in re.split(r"[\s,;]+", text) if word}
    )
    wrong = [domain for domain in domains if not _DOMAIN.fullmatch(domain)]
    if wrong:
        raise BadInput(f"{wrong[0][:60]} is not a mail domain. Write them as company.com.")
    if len(domains) > MOST_DOMAINS:
        raise BadInput(f"List {MOST_DOMAINS} domains at most.")
    before = own_domains(session)
    if domains == before:
        return domains
    kept = session.get(AppSetting, OWN_DOMAINS) or AppSetting(name=OWN_DOMAINS)
    kept.value, kept.changed_by, kept.changed_at = domains, by.person_id, now
    session.add(kept)
    bump(session, MATCHING)
    what = f"{len(before)} to {len(domains)} domains"
    audit(session, by, "own_domains.changed", "app_setting", None, what, now)
    return domains
