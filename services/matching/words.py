"""Word lists of company and person names. Data, no rules: what they mean is in names.py and people.py."""

from __future__ import annotations

# Letters that have no decomposition and are still written without their mark.
LETTERS = {
    "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
}  # fmt: skip

# Short form -> long form, word by word.
ABBREVIATIONS = {
    "acad": "academy", "adv": "advanced", "aero": "aerospace", "agri": "agriculture", "amer": "america",
    "analyt": "analytics", "app": "applications", "apps": "applications", "assoc": "associates",
    "assocs": "associates", "assn": "association", "auto": "automotive", "bancorp": "bank", "bev": "beverages",
    "bio": "bioscience", "bldg": "building", "bros": "brothers", "bus": "business", "cap": "capital",
    "centre": "center", "chem": "chemicals", "chems": "chemicals", "comm": "communications",
    "comms": "communications", "constr": "construction", "consult": "consulting", "ctr": "center",
    "cust": "customer", "def": "defense", "defence": "defense", "dept": "department", "dev": "development",
    "devs": "developments", "dist": "distribution", "edu": "education", "elec": "electric",
    "electron": "electronics", "eng": "engineering", "engr": "engineering", "ent": "entertainment",
    "entpr": "enterprises", "env": "environmental", "equip": "equipment", "fin": "finance",
    "finl": "financial", "fncl": "financial", "gen": "general", "govt": "government", "grp": "group",
    "gp": "group", "hldg": "holdings", "hldgs": "holdings", "holding": "holdings", "hosp": "hospital",
    "inds": "industries", "ind": "industries", "info": "information", "ins": "insurance",
    "inst": "institute", "instr": "instruments", "int": "international", "intl": "international",
    "inv": "investments", "invs": "investments", "labs": "laboratories", "lab": "laboratories",
    "lib": "library", "log": "logistics", "mach": "machines", "maint": "maintenance", "man": "manufacturing",
    "mat": "materials", "matls": "materials", "med": "medical", "mfg": "manufacturing",
    "mgmt": "management", "mgt": "management", "mkt": "marketing", "mktg": "marketing", "mtr": "motors",
    "mtrs": "motors", "nat": "national", "natl": "national", "netw": "networks", "org": "organization",
    "petr": "petroleum", "pharm": "pharma", "pharmaceutical": "pharma", "pharmaceuticals": "pharma",
    "prod": "products", "prods": "products", "props": "properties", "pub": "publishing", "res": "resources",
    "sci": "science", "sec": "security", "semi": "semiconductors", "serv": "services", "soln": "solutions",
    "solns": "solutions", "sols": "solutions", "svc": "services", "svcs": "services", "sys": "systems",
    "tech": "technologies", "techs": "technologies", "technology": "technologies", "tel": "telecom",
    "telecommunications": "telecom", "transp": "transport", "univ": "university", "util": "utilities",
    "utils": "utilities",
}  # fmt: skip

# Dropped at the end of a name, one after another.
LEGAL_FORMS = (
    "ab", "ag", "aktiengesellschaft", "ao", "aps", "as", "asa", "bhd", "bv", "bvba", "co", "company",
    "corp", "corporation", "cv", "doo", "dd", "ead", "eeig", "eg", "ehf", "ev", "eurl", "fze", "fzco",
    "gbr", "gesmbh", "gmbh", "ggmbh", "hf", "ik", "inc", "incorporated", "jsc", "kft", "kg", "kgaa", "kk",
    "lda", "limited", "llc", "llp", "lp", "ltd", "ltda", "limitada", "mbh", "nl", "nv", "nyrt", "oao",
    "ohg", "oo", "ood", "ooo", "oy", "oyj", "pbc", "pc", "plc", "pllc", "pte", "pty", "pvt", "private",
    "rt", "sa", "sab", "sae", "sapi", "sarl", "sas", "sasu", "sca", "scrl", "se", "sia", "sl", "slu",
    "snc", "spa", "spol", "spolka", "sp", "spzoo", "sro", "srl", "srls", "tbk", "uab", "ug", "unlimited",
    "zao", "zoo", "zrt", "ооо", "оао", "зао", "пао", "ао",
)  # fmt: skip
# Dropped only between legal forms ("GmbH & Co. KG", "S.A. de C.V.", "Sp. z o.o.").
LEGAL_JOINTS = ("and", "de", "z", "et", "und")
LEGAL_LEADS = ("pt", "ooo", "zao", "oao", "pao", "ооо", "оао", "зао", "пао")
# Written without blanks, anywhere in the name.
LEGAL_MARKS = (
    "股份有限公司", "有限责任公司", "有限公司", "株式会社", "有限会社", "合同会社", "주식회사", "(株)", "(有)", "(주)",
)  # fmt: skip

# Left out of the core of a name: they tell relatives apart, not strangers.
CORE_DROPS = (
    "group", "holdings", "international", "global", "worldwide", "company", "companies", "the", "of",
    "and", "for", "enterprises", "gruppe", "groupe", "grupo", "gruppo", "division", "branch",
)  # fmt: skip

# Each group: forms of one given name.
NICKNAMES = (
    "aaron ron ronnie", "abigail abby gail", "abraham abe", "alan al", "albert al bert bertie",
    "alexander alex al lex sasha xander", "alexandra alex sandra sasha lexi", "alfred al fred alfie",
    "alice ali", "alison ali", "amanda mandy", "amelia amy millie", "andrea andie", "andrew andy drew",
    "angela angie", "anna ann annie anne", "anthony tony", "antonio tony toni", "arthur art",
    "barbara barb barbie", "benjamin ben benny", "bernard bernie", "bradley brad", "carolyn carol carrie",
    "catherine cathy cate kate katie", "charles charlie chuck", "charlotte charlie lottie",
    "christina chris tina christy", "christine chris tina chrissy", "christopher chris topher",
    "cynthia cindy", "daniel dan danny", "david dave davey", "deborah deb debbie", "dennis denny",
    "donald don donny", "dorothy dot dottie", "douglas doug", "edward ed eddie ted ned",
    "elizabeth liz beth lizzie betty eliza betsy", "emily em emmy", "eugene gene", "frances fran frankie",
    "francis frank", "francisco paco pancho", "franklin frank", "frederick fred freddie",
    "gabriel gabe", "gabriella gabby", "george georgie", "gerald gerry jerry", "giovanni gianni vanni",
    "giuseppe beppe", "gregory greg", "harold harry hal", "harry henry hank", "hannah hanna",
    "helen nell", "ignacio nacho", "isabella bella isabel izzy", "jacob jake", "jacqueline jackie",
    "james jim jimmy jamie", "janet jan", "jason jay", "jeffrey jeff", "jennifer jen jenny",
    "jessica jess jessie", "johannes hannes jo", "john jack johnny jon", "jonathan jon jonny",
    "jose pepe", "joseph joe joey", "joshua josh", "juergen jurgen", "judith judy", "julia jules",
    "katherine kate kathy katie kat", "kathleen kathy kate", "kenneth ken kenny", "kimberly kim",
    "lawrence larry", "leonard leo len lenny", "leonardo leo", "louis lou louie", "lucas luke",
    "margaret maggie meg peggy marge", "maria mary", "marjorie marge", "martin marty", "mary molly polly",
    "matthew matt", "maximilian max", "megan meg", "melissa mel missy", "michael mike mick mickey",
    "mohammed mohamed muhammad mo", "natalie nat", "nathan nate", "nathaniel nate nat",
    "nicholas nick nicky", "nicole nicky nikki", "oliver ollie", "olivia liv", "pamela pam",
    "patricia pat patty tricia", "patrick pat paddy", "paul paulie", "peter pete", "philip phil",
    "rachel rach", "raymond ray", "rebecca becky becca", "richard rich rick dick ricky", "robert rob bob bobby robbie bert",
    "roberto beto", "rodney rod", "roger rog", "ronald ron ronnie", "rosemary rose", "russell russ",
    "ruth ruthie", "ryan ry", "samantha sam", "samuel sam sammy", "sandra sandy", "sarah sara sally",
    "sergei sergey", "simon si", "sophia sofia sophie", "stephanie steph", "stephen steve stephan stefan steven",
    "steven steve", "susan sue susie suzy", "tamara tammy", "teresa terry tess", "terence terry",
    "theodore ted theo teddy", "thomas tom tommy", "timothy tim timmy", "valerie val",
    "victor vic", "victoria vicky tori", "vincent vince", "virginia ginny", "walter walt wally",
    "william will bill billy liam willy", "wolfgang wolf", "zachary zach zack",
)  # fmt: skip

TITLES = (
    "dr",
    "mr",
    "mrs",
    "ms",
    "mx",
    "prof",
    "sir",
    "herr",
    "frau",
    "ing",
    "dipl",
    "jr",
    "sr",
    "phd",
    "mba",
)

# Not in the published list of free-mail providers, and used like them.
MORE_FREE_MAIL = (
    "daum.net", "hey.com", "tutanota.com", "mozmail.com", "privaterelay.appleid.com", "sympatico.ca",
    "duck.com", "mailbox.org", "posteo.de", "tuta.com", "proton.me", "pm.me", "icloud.com",
)  # fmt: skip
# Nobody's company address, whatever a customer record says.
GIANTS = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net", "gmx.com",
    "web.de", "qq.com", "163.com", "126.com", "mail.ru", "yandex.ru", "naver.com", "hanmail.net",
    "orange.fr", "free.fr", "libero.it", "t-online.de", "comcast.net", "hotmail.co.uk", "yahoo.co.uk",
)  # fmt: skip

TEST_DOMAINS = ("example.com", "example.org", "example.net", "test.com", "localhost.localdomain")
TEST_ADDRESS = (
    r"^(?:test|tester|testing|dummy|fake)(?:[._-]?(?:\d+|user|account|mail|email|attendee))?@"
    r"|\.(?:test|invalid|localhost)$"
)
# Meeting recorders join under a name of their own or of the person who brought them.
NOTETAKER_NAME = (
    r"(?i)\bnote[ -]?taker\b|\botter\.ai\b|\botterpilot\b|\bfireflies(?:\.ai)?\b|\btl;dv\b|\bread\.ai\b"
    r"|\bread ai\b|\bmeeting notes\b|\bmeetgeek\b|\bai (?:assistant|recorder)\b|\brecording bot\b"
)
NOTETAKER_ADDRESS = r"^(?:note[._-]?taker|otterpilot|meeting[._-]?bot)[._-]?\d*@"
