"""Export and erasure on the customer page."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data.db import transaction
from data.tables import Customer, Stakeholder
from services.ids import public_id
from tests.services.uploads.world import load_customers
from tests.support.apptest import open_page, person


@pytest.mark.usefixtures("app_database")
def test_admin_types_the_name_to_erase_and_a_csm_may_only_export(engine: Engine):
    load_customers(engine)
    ana, root = person("Ana"), person("Root", "admin")
    with transaction() as session:
        session.get_one(Customer, 1).csm_id = ana
    for who in (ana, root):
        app = open_page("customer", who, id=public_id("customer", 1))
        app = app.segmented_control(key="customer.view").set_value("Stakeholders").run()
        picked = next(box for box in app.selectbox if box.label == "Add or edit")
        app = picked.set_value(public_id("stakeholder", 1)).run()
        assert not app.exception
        toggles = [one for one in app.toggle if one.label.startswith("Erase")]
        assert len(toggles) == (who == root)
        button = next(one for one in app.button if one.label.startswith("Put together"))
        assert button is not None
    app = next(one for one in app.toggle if one.label.startswith("Erase")).set_value(True).run()
    next(box for box in app.text_input if box.label.startswith("Type ")).set_value("Maria Lopez")
    app = next(one for one in app.button if one.label == "Erase for good").click().run()
    assert not app.exception
    with transaction(read_only=True) as session:
        gone = session.get_one(Stakeholder, 1)
        assert (gone.first_name, gone.last_name, gone.unsubscribed) == ("Erased", "contact", True)
