"""The fields of a contacts file and the column headings people give them."""

from __future__ import annotations

from integrations.formats.headings import Field, field

STAKEHOLDERS: dict[str, Field] = {
    "email": field(
        "Email",
        "email|email address|emails|e mail|work email|e mail address|mail|contact email|business email"
        "|secondary email|other email|additional email addresses|alt email|email 2",
        required=True,
    ),
    "customer": field(
        "Customer",
        "customer id|account id|18 digit account id|account id 18|casesafe account id|company gsid|company id"
        "|associated company id|associated company ids|associated company ids primary|sfdc account id"
        "|customer|customer name|company|company name|account|account name"
        "|associated company|organization|organisation|associated company primary|domain",
        required=True,
    ),
    "customer_name": field(
        "Customer's name, beside its identifier",
        "customer|customer name|company|company name|account|account name|associated company"
        "|associated company primary|organization|organisation",
    ),
    "external_id": field(
        "Identifier", "external id|contact id|record id|person id|id|gsid|stakeholder id"
    ),
    "first_name": field("First name", "first name|firstname|first|given name|forename"),
    "last_name": field("Last name", "last name|lastname|last|surname|family name"),
    "name": field(
        "Name", "name|full name|contact name|contact|stakeholder|stakeholder name|fullname"
    ),
    "title": field("Job title", "title|job title|position|jobtitle"),
    "role": field("Role", "role|buying role|contact role|stakeholder role|persona"),
    "time_zone": field("Time zone", "time zone|timezone|tz"),
    "language": field("Language", "language|preferred language|locale|lang"),
    "unsubscribed": field(
        "Unsubscribed",
        "unsubscribed|unsubscribed from all email|email opt out|has opted out of email|opted out|opt out"
        "|do not email",
    ),
    "champion": field("Champion", "champion|is champion|advocate"),
}
