"""The vocabulary of the invented data. Its order is part of the output: entries are drawn by position."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


NAME_STARTS = _words(
    """
    Acme Apex Arbor Argon Aster Atlas Aurora Azure Beacon Bedrock Birch Blue Bold Bright Cascade
    Cedar Cinder Clear Cloud Cobalt Copper Coral Crest Cyber Data Delta Digital Eagle Echo Ember
    Ever Falcon First Flint Forge Fort Fusion Gamma Global Golden Granite Green Grid Grow Harbor
    Helix High Horizon Hyper Indigo Inter Iron Jade Juniper Keystone Kinetic Lake Lambda Lattice
    Legacy Light Lumen Lunar Macro Maple Meridian Metro Micro Mono Nimbus Nord North Nova Oak
    Ocean Omni Onyx Open Orbit Osprey Pacific Peak Phoenix Pilot Pine Pixel Polar Prime Quantum
    Quartz Quill Rapid Raven Red Ridge River Rocket Sage Scale Silver Sky Smart Solar Solid
    Spark Sterling Stone Strata Summit Swift Tech Terra Titan True Ultra Union Urban Vector
    Velvet Vertex Vista Vivid Wave West White Wild Wind Zen Zenith Zephyr
    """
)
NAME_ENDS = _words(
    """
    Analytics Applications Bank Bioscience Brands Capital Care Chemicals Clinics Commerce
    Components Consulting Controls Corp Credit Data Defense Design Devices Diagnostics Dynamics
    Education Electric Electronics Energy Engineering Enterprises Equipment Finance Flow Foods
    Freight Fund Gaming Genetics Goods Group Health Holdings Homes Hotels Imaging Industries
    Insights Instruments Insurance Interactive Labs Learning Legal Lending Logic Logistics
    Machines Manufacturing Marine Materials Media Medical Metals Mining Mobile Mobility Motors
    Mutual Networks Optics Packaging Paper Partners Payments Pharma Plastics Post Power Products
    Properties Publishing Rail Realty Resources Retail Robotics Savings Science Security
    Semiconductors Services Shipping Software Solutions Sports Staffing Steel Storage Stores
    Studios Supply Systems Technologies Telecom Textiles Therapeutics Tools Toys Trading Transit
    Travel Trust Utilities Ventures Water Works
    """
)
FIRST_NAMES = _words(
    """
    Aaron Abigail Adam Aisha Alan Alice Amara Amelia Amy Ana Andre Andrea Anna Anton Arjun Ava
    Ben Bianca Bruno Carlos Carmen Carol Chen Chloe Clara Daniel David Deepa Diego Elena Eli
    Elsa Emil Emily Emma Eric Esther Eva Fatima Felix Fiona Frank Gabriel Grace Greta Hana
    Hannah Hugo Ian Ines Ingrid Isaac Isabel Ivan Jack James Jana Jasmine Jay Jean Jonas Jose
    Julia Kai Karen Kate Kenji Kofi Lara Laura Lena Leo Li Liam Lily Linda Lisa Louis Lucia Luis
    Luke Mai Marco Maria Mark Martin Mary Mateo Maya Mei Mia Michael Miguel Mila Mohamed Mona
    Nadia Naomi Nia Nick Nina Noah Nora Olga Oliver Omar Oscar Paula Peter Petra Priya Rahul
    Rachel Ravi Rosa Ruth Ryan Sam Sara Sarah Sean Sofia Sonia Stefan Susan Tara Theo Thomas Tim
    Tom Uma Vera Victor Vikram Wei Will Yara Yuki Yusuf Zara Zoe André Björn Chloé François
    Jürgen Łukasz Núria Søren Zoë
    """
)
LAST_NAMES = _words(
    """
    Adams Ahmed Ali Allen Andersen Baker Bauer Becker Bell Bianchi Brown Campbell Carter Chan
    Chen Clark Cohen Collins Cook Costa Cruz Das Davies Davis Diaz Evans Fernandez Fischer
    Flores Fontaine Foster Garcia Gomez Gonzalez Gray Green Gupta Hall Hansen Harris Hernandez
    Hill Hoffmann Huang Hughes Ito Ivanov Jackson Jensen Johnson Jones Kaur Keller Kelly Khan
    Kim King Klein Kowalski Kumar Lambert Larsen Lee Lewis Li Lin Lopez Martin Martinez Meyer
    Miller Mitchell Moore Moreau Morgan Morris Murphy Nakamura Nelson Nguyen Nielsen Novak
    Okafor Olsen Ortiz Park Parker Patel Perez Peters Petrov Phillips Popov Price Ramirez Rao
    Reed Reyes Richter Rivera Roberts Robinson Rodriguez Rossi Roy Russo Santos Sato Schmidt
    Schneider Scott Shah Sharma Silva Simon Singh Smith Stewart Suzuki Tan Tanaka Taylor Thomas
    Torres Tran Turner Vega Walker Wang Ward Watson Weber White Williams Wilson Wolf Wong Wood
    Wright Wu Yamamoto Yang Young Zhang Zhou Müller Łukasik O'Brien O'Neil García Smith-Jones
    """
)
LEGAL_FORMS = [
    "Inc",
    "Inc.",
    "LLC",
    "Ltd",
    "Ltd.",
    "GmbH",
    "AG",
    "PLC",
    "Corp.",
    "S.A.",
    "B.V.",
    "Co.",
]
TOP_LEVELS = [
    ("com", 55),
    ("io", 12),
    ("co", 8),
    ("net", 6),
    ("de", 6),
    ("co.uk", 6),
    ("ai", 4),
    ("org", 3),
]
FREE_MAIL = [
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "hotmail.com",
    "icloud.com",
    "gmx.de",
    "proton.me",
]
TITLES = [
    "VP Customer Success",
    "Head of IT",
    "Data Analyst",
    "Product Manager",
    "CTO",
    "Operations Lead",
    "Engineer",
    "Director of Marketing",
    "Administrator",
    "Project Manager",
    "CFO",
    "Solutions Architect",
]
INDUSTRIES = [
    "SaaS",
    "Finance",
    "Healthcare",
    "Manufacturing",
    "Retail",
    "Logistics",
    "Education",
    "Energy",
    "Media",
    "Public Sector",
]
REGIONS = ["NA", "EMEA", "APAC", "LATAM"]
SEGMENTS = [("Enterprise", 15), ("Mid-Market", 35), ("SMB", 50)]
TOPICS = [
    "Advanced Analytics",
    "Onboarding",
    "API Integration",
    "Data Governance",
    "Security",
    "AI Agents",
    "Reporting",
    "Workflow Automation",
    "Forecasting",
    "Billing",
    "Compliance",
    "Dashboards",
    "Change Management",
    "Roadmap",
    "Customer Health",
    "Migration",
    "Mobile",
    "Admin Essentials",
    "Performance Tuning",
    "Partner Program",
]
EVENT_TYPES = [
    ("webinar", 50),
    ("training", 24),
    ("user_group", 12),
    ("workshop", 8),
    ("conference", 6),
]
TYPE_SPELLINGS = {
    "webinar": ["Webinar", "webinar", "WEBINAR", "Live Webinar"],
    "training": ["Training", "training", "Training Session"],
    "user_group": ["User Group", "user group", "User-Group", "user_group"],
    "workshop": ["Workshop", "workshop"],
    "conference": ["Conference", "conference", "Summit"],
}
EVENT_FORMATS = {
    "webinar": ["Deep Dive", "Masterclass", "Live Demo", "Ask Me Anything"],
    "training": ["Training", "Bootcamp", "Certification"],
    "user_group": ["User Group", "Community Meetup"],
    "workshop": ["Workshop", "Hands-on Lab"],
    "conference": ["Summit", "Conference"],
}
ATTENDED = [
    "Attended",
    "attended",
    "Yes",
    "ATTENDED",
    "Present",
    "Completed",
    "1",
    "TRUE",
    "Checked In",
]
NO_SHOW = ["No Show", "no-show", "Registered", "registered", "No", "Absent", "0"]
CANCELLED = ["Cancelled", "Canceled", "cancelled"]
MONTHS = _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
MINUTES = {"webinar": 60, "training": 90, "user_group": 120, "workshop": 180, "conference": 420}
DRAW = {"webinar": 1.0, "training": 0.5, "user_group": 0.7, "workshop": 0.35, "conference": 3.0}
"""How many people a type of event draws, against a webinar."""
ACCENTS = {ord(a): b for a, b in zip("éöçüŁłúøëíñ", "eocuLluoein", strict=True)}
