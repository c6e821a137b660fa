"""The demo's customers and people: invented once, then kept as files.

`python -m bench.demo_story.cast customers` before the placement, `… people` after it: who has an
odd address depends on which platforms the person uses.
"""

from __future__ import annotations

import csv
import random
import sys

import polars as pl

from services.demo.story import FOLDER, table

SEED = 78


def _words(text: str) -> list[str]:
    return text.split()


NAMED = {  # ARR in thousands, industry
    "TechCorp": (200, "Software"), "DataPro": (150, "Software"), "CloudMax": (180, "Software"),
    "Acme Corp": (120, "Manufacturing"), "BetaInc": (95, "Finance"), "OldCorp": (60, "Manufacturing"),
    "SmallBiz": (18, "Retail"), "LegacyCo": (75, "Logistics"), "GrowthCo": (48, "Retail"),
    "TechStart": (24, "Software"),
}  # fmt: skip
OTHERS = """
Glacier Data:Software|Linden Software:Software|Meridian Capital:Finance|Cascade Networks:Telecom
Harborview Bank:Finance|Aurora Pharma:Healthcare|Helios Solar:Energy|Kestrel Aviation:Transport
Quantum Diagnostics:Healthcare|Silverline Telecom:Telecom|Redwood Insurance:Finance
Orchard Robotics:Manufacturing|Nimbus Gaming:Media|DataFlow:Software|TechFlow:Software
Bluefin Analytics:Software|Cobalt Harbor:Logistics|Saltmarsh Energy:Energy|Tallgrass Health:Healthcare
Umbra Retail:Retail|Lumen Optics:Manufacturing|Granite Mutual:Finance|Solstice Media:Media
Ironbridge Steel:Manufacturing|Jade Semiconductors:Manufacturing|Crescent Biotech:Healthcare
Vantage Staffing:Services|Brightwater Utilities:Energy|Hawthorne Education:Education
Lakeside Hotels:Hospitality|Pacifica Shipping:Logistics|Westbrook Publishing:Media
Unity Credit Union:Finance|Zephyr Motors:Manufacturing|Xenith Chemicals:Manufacturing
Keystone Realty:Services|Nightingale Care:Healthcare|Falconer Security:Services|Delta Marine:Transport
Northwind Freight:Logistics|Quillstone Legal:Services|Jasper Instruments:Manufacturing
Amber Cosmetics:Retail|Peregrine Courier:Logistics|Stonegate Homes:Services|Summit Outdoor:Retail
Copperfield Mining:Energy|Everglade Foods:Retail|Kingfisher Toys:Retail|Ridgeway Rail:Transport
Juniper Kitchens:Retail|Verdant Farms:Agriculture|Pinecrest Schools:Education|Maple Leaf Clinics:Healthcare
Riverbend Paper:Manufacturing|Oakhurst Furniture:Retail|Indigo Textiles:Manufacturing
Tidewater Fisheries:Agriculture|Yellowstone Travel:Hospitality|Birchwood Dairy:Agriculture
Elmwood Libraries:Education|Foxglove Nurseries:Agriculture|Golden Gate Packaging:Manufacturing
Dunmore Distillery:Retail|Mosaic Tiles:Manufacturing|Olive Branch Catering:Hospitality
Islington Theatre:Media|Pembroke Garages:Transport
"""
HEALTH = {"TechCorp": 84, "DataPro": 82, "CloudMax": 78}
RENEWS = {"TechCorp": 124, "DataPro": 133, "CloudMax": 264}
"""Nothing speaks against asking them to speak for us."""
PLACES = [
    ("NA", "United States", "Austin", "America/Chicago"),
    ("NA", "United States", "Boston", "America/New_York"),
    ("NA", "United States", "Denver", "America/Denver"),
    ("NA", "Canada", "Toronto", "America/Toronto"),
    ("EMEA", "Germany", "Hamburg", "Europe/Berlin"),
    ("EMEA", "United Kingdom", "Leeds", "Europe/London"),
    ("EMEA", "Netherlands", "Utrecht", "Europe/Amsterdam"),
    ("APAC", "Australia", "Brisbane", "Australia/Brisbane"),
    ("APAC", "Singapore", "Singapore", "Asia/Singapore"),
]
CSMS = ["Maya Torres", "Jonas Weber", "Priya Nair", "Tom Becker", "Elena Rossi", "Kwame Boateng"]
TOPICS = ["Analytics", "Automation", "Reporting", "Integrations", "Security", "Dashboards",
          "Customer Health", "Forecasting", "Data Governance", "AI Agents"]  # fmt: skip
GOALS = ["Shorten onboarding to two weeks", "Report to the board from one dashboard",
         "Automate renewal reminders", "Roll out to a second region", "Cut manual data entry by half",
         "Train every team lead", "Raise adoption in the field teams"]  # fmt: skip
CHALLENGES = ["Low adoption outside headquarters", "Data spread over several tools",
              "New administrator to train", "Budget review ahead of the renewal",
              "Slow approval of integrations"]  # fmt: skip
ALTERNATIVE = {"DataPro": "datapro-labs.example", "Acme Corp": "acme-industries.example",
               "Harborview Bank": "hvb.example"}  # fmt: skip
ALIASES = {"Unity Credit Union": "UCU", "Acme Corp": "Acme Corporation"}
PARENTS = {"Cascade Networks": "Silverline Telecom", "Quantum Diagnostics": "Aurora Pharma"}

CHAMPIONS = {
    "TechCorp": ("John", "Smith"), "DataPro": ("Lisa", "Wong"), "CloudMax": ("David", "Park"),
    "Acme Corp": ("Sarah", "Chen"), "GrowthCo": ("Mike", "Davis"), "TechStart": ("Amy", "Lee"),
}  # fmt: skip
ALSO_TOLD: dict[str, dict[str, object]] = {
    "DataFlow": {
        "region": "NA", "country": "United States", "city": "Austin", "time_zone": "America/Chicago",
        "interests": "AI adoption; Executive engagement",
        "goals": "Scaling operations; Automate renewal reminders",
    },
}  # fmt: skip
"""Customers of whom more is told, laid over what chance made of them."""
ALSO_KNOWN: dict[tuple[str, int], dict[str, object]] = {
    ("DataFlow", 1): {"first": "Maria", "last": "Santos", "title": "VP Customer Success"},
}
FIRST = _words("""Aaron Abigail Adam Aisha Alice Amara Andre Anna Arjun Ben Bianca Bruno Carmen Chloe Clara
Daniel Deepa Diego Elif Emil Emma Esther Fatima Felix Fiona Gabriel Grace Hana Hugo Ines Ingrid Isaac
Ivan Jana Jasmine Jonas Julia Kai Karen Kenji Kofi Lara Leo Lena Louis Lucia Maja Marco Mateo Mei
Miguel Mila Mona Nadia Naomi Nick Nora Olga Omar Oscar Paula Petra Rahul Rachel Ravi Rosa Ruth Ryan
Samir Sean Sofia Stefan Susan Tara Theo Tomás Uma Vera Viktor Wei Yara Yusuf Zoë Łukasz Søren""")
LAST = _words("""Adler Ahmed Andersen Baker Bauer Bianchi Brandt Campbell Castro Cohen Costa Cruz Dubois
Duarte Evans Fischer Flores Fontaine Garcia Gupta Hansen Haddad Hoffmann Huang Ibáñez Ito Ivanova
Jensen Johansson Kaur Keller Khan Klein Kowalski Kumar Lambert Larsen Lindqvist Lopez Marino Mensah
Meyer Moreau Moretti Nakamura Nguyen Novak O'Brien Okafor Olsen Ortiz Patel Petrov Phillips Popov
Quinn Ramirez Reyes Richter Rossi Russo Sato Schneider Shah Silva Singh Suzuki Tanaka Tran Vega Vogel
Walsh Weber Wolf Yamamoto Zhang Zimmer""")
TITLES = ["Operations Lead", "Data Analyst", "Head of IT", "Product Manager", "Project Manager",
          "Systems Administrator", "VP Operations", "Finance Director", "Solutions Architect",
          "Customer Experience Lead"]  # fmt: skip
WITH_COMPANY = {1, 3, 4, 5, 6, 10, 12, 13, 14, 15, 17}
"""Events whose platform reports a company."""


def customers() -> list[dict[str, object]]:
    rng = random.Random(SEED)
    others = [pair.split(":") for line in OTHERS.split("\n") for pair in line.split("|") if pair]
    cast = [(n, arr, industry) for n, (arr, industry) in NAMED.items()]
    cast += [(n, round(10 + 110 * rng.random() ** 1.8), industry) for n, industry in others]
    return [_customer(rng, place, *entry) for place, entry in enumerate(cast)]


def _customer(
    rng: random.Random, place: int, name: str, arr: int, industry: str
) -> dict[str, object]:
    region, country, city, zone = rng.choice(PLACES)
    interests = rng.sample(TOPICS, 2)
    if name in {"Acme Corp", "GrowthCo", "DataPro"}:
        interests = ["Analytics", "Dashboards"]
    started = 105 if name == "TechStart" else rng.randint(420, 1900)
    return {
        "number": place + 1,
        "name": name,
        "domain": "".join(c for c in name.lower() if c.isalnum()) + ".example",
        "other_domain": ALTERNATIVE.get(name, ""),
        "aliases": ALIASES.get(name, ""),
        "parent": PARENTS.get(name, ""),
        "segment": "Enterprise" if arr >= 100 else "Mid-Market" if arr >= 40 else "SMB",
        "industry": industry,
        "region": region,
        "country": country,
        "city": city,
        "time_zone": zone,
        "arr": arr * 1000,
        "stage": "Onboarding" if name == "TechStart" else "Live",
        "started_days_ago": started,
        "renews_in_days": RENEWS.get(name, rng.randint(20, 350)) if name != "TechStart" else 260,
        "health": HEALTH.get(name, rng.randint(52, 93)),
        "csm": CSMS[place % len(CSMS)],
        "interests": "; ".join(interests),
        "goals": "; ".join(rng.sample(GOALS, 2)),
        "challenges": rng.choice(CHALLENGES),
        **ALSO_TOLD.get(name, {}),
    }


def people() -> list[dict[str, object]]:
    rng = random.Random(SEED + 1)
    placed = table("placement").group_by("customer").agg(pl.col("person").max())
    most = dict(placed.iter_rows())
    found: list[dict[str, object]] = []
    for name in table("customers")["name"]:
        names: set[tuple[str, str]] = set()
        quiet = rng.choice([0, 1, 1, 2])  # stakeholders who never came to anything
        for person in range(1, most[name] + quiet + 1):
            first, last = CHAMPIONS.get(name, ("", "")) if person == 1 else ("", "")
            while not first or (first, last) in names:
                first, last = rng.choice(FIRST), rng.choice(LAST)
            names.add((first, last))
            found.append({
                "customer": name,
                "person": person,
                "first": first,
                "last": last,
                "title": rng.choice(TITLES),
                "role": "champion" if person == 1 else rng.choice(["user", "user", "admin", "executive_sponsor"]),
                "in_crm": person == 1 or person > most[name] or rng.random() < 0.75,
                "address": "",
                **ALSO_KNOWN.get((name, person), {}),
            })  # fmt: skip
    _odd_addresses(rng, found)
    return found


def _odd_addresses(rng: random.Random, found: list[dict[str, object]]) -> None:
    """How some addresses stand in the files: still the same person, and matched without a question."""
    events: dict[tuple[str, int], set[int]] = {}
    for customer, event, person in (
        table("placement").select("customer", "event", "person").iter_rows()
    ):
        events.setdefault((customer, person), set()).add(event)
    by_key = {(str(row["customer"]), int(str(row["person"]))): row for row in found}
    attending = [key for key in sorted(events) if key[0] not in NAMED]
    for kind in [
        "upper",
        "upper",
        "capital",
        "capital",
        "plus",
        "plus",
        "plus",
        "blanks",
        "blanks",
    ]:
        by_key[attending.pop(rng.randrange(len(attending)))]["address"] = kind
    for name in ALTERNATIVE:
        person = max(p for c, p in events if c == name)
        by_key[name, person].update(address="other_domain", in_crm=False)
    private = next(
        k for k in attending if events[k] <= WITH_COMPANY and len(events[k]) > 1 and k[1] > 1
    )
    by_key[private].update(address="private", in_crm=True)


def main(which: str) -> None:
    rows = customers() if which == "customers" else people()
    with (FOLDER / f"{which}.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    print(f"{len(rows)} {which}")


if __name__ == "__main__":
    main(sys.argv[1])
