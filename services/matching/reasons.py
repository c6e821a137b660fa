"""Evidence codes and the sentence each becomes for a CSM."""

from __future__ import annotations

import polars as pl

# Placeholders: customer (or first candidate), domain, company. No address is ever shown.
SENTENCES = {
    "own_staff": "Works for your own company ({domain})",
    "test_address": "A test address, not a person",
    "notetaker": "A recording assistant, not a person",
    "answer": "You said that this belongs to {customer}",
    "answer_nobody": "You said that this belongs to no customer",
    "conflict_nobody": "You said that this belongs to no customer",
    "email": "This e-mail address is recorded for {customer}",
    "shared_email": "This e-mail address is recorded for several customers",
    "domain": "E-mail domain {domain} belongs to {customer}",
    "domain_and_company": "E-mail domain {domain} and company name both point to {customer}",
    "conflict": "E-mail domain {domain} points to one customer, the company name {company} to another",
    "shared_domain_person": "Several customers share {domain}; this person is a stakeholder of {customer}",
    "shared_domain_company": "Several customers share {domain}; the company name says {customer}",
    "shared_domain_answer": "Several customers share {domain}; you said that the others there belong to {customer}",
    "shared_domain": "Several customers share the e-mail domain {domain}",
    "typo_email": "Domain {domain} looks mistyped; the corrected address is recorded for {customer}",
    "typo_domain_person": "Domain {domain} looks mistyped; this person is a stakeholder of {customer}",
    "typo_domain_company": "Domain {domain} looks mistyped; the company name says {customer}",
    "typo_domain_answer": "Domain {domain} looks mistyped; you said that the others there belong to {customer}",
    "typo_domain": "Domain {domain} looks like a mistyped domain of {customer}",
    "company": "Company name {company} looks like {customer}",
    "company_and_person": "Company name {company} and the person's name point to {customer}",
    "person_name": "Only a person's name, the same as a stakeholder of {customer}",
    "none": "Nothing in the row points to a customer",
}


def sentences(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """`row`, `reason` from `row`, `evidence`, `subject` (a customer id or null), `domain` and `company`.

    `customers`: `customer_id`, `customer` (the name to show).
    """
    named = rows.join(customers, left_on="subject", right_on="customer_id", how="left")
    written = [
        part.select("row", _sentence(SENTENCES[code]).alias("reason"))
        for (code,), part in named.partition_by("evidence", as_dict=True).items()
    ]
    nothing = named.select("row", reason=pl.lit(None, pl.Utf8)).clear()
    return pl.concat([nothing, *written])


def _sentence(template: str) -> pl.Expr:
    company = pl.col("company").fill_null("").str.strip_chars().str.slice(0, 80)
    filled = {
        "{customer}": pl.col("customer").fill_null("a customer"),
        "{domain}": pl.col("domain").fill_null("unknown"),
        "{company}": pl.concat_str(pl.lit("\u201c"), company, pl.lit("\u201d")),
    }
    used = sorted((name for name in filled if name in template), key=template.index)
    for name in used:
        template = template.replace(name, "{}")
    return pl.format(template, *(filled[name] for name in used)) if used else pl.lit(template)
