"""How this customer's people take our bulk mail."""

from __future__ import annotations

from components import campaign_customer, layout, loaders, navigation
from components.loaders import CustomerHead, Viewer
from services.campaigns.insight.customer import customer_mail
from services.ids import public_id


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    found = loaders.read(customer_mail, viewer, number)
    if found.pattern is None:
        layout.empty(
            "No campaign mail to this customer yet.",
            hint="It comes from the mail platforms under Integrations, and from their exports.",
        )
        return
    campaign_customer.summary(found)
    campaign_customer.people(found.people, found.as_of)
    clicked = campaign_customer.campaigns(found.campaigns)
    if clicked is not None:
        navigation.go("one_campaign", id=public_id("campaign", clicked))
    campaign_customer.preferences(found.kinds, found.topics)
