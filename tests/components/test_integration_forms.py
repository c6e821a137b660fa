"""Each system that can be added says how."""

from __future__ import annotations

import pytest

from components.integration_forms import HOW
from integrations.hooks import VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
def test_setup_of_each_system_is_told(vendor: str):
    assert len(HOW[vendor]) > 60
