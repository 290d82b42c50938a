"""Groups of related tables from data sets that packages ship, for ``several_tables.py``.

    python benchmarks/quality/groups_of_packages.py FOLDER

Writes into FOLDER, or adds to it: years of Seattle's weather and origins of cars (vega_datasets),
continents of countries (plotly, by way of Gapminder), plans of a health insurance and occupations
(statsmodels: the RAND experiment, R. Fair's survey).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

#: Rows of one table, at most.
MOST_ROWS = 3000
#: Group → what its target is, and the tables that take their turn as the target's.
TARGETS = {
    "weather": ("clf", ["2015", "2013"]),
    "origins": ("reg", ["Japan", "Europe"]),
    "continents": ("reg", ["Asia", "Africa"]),
    "plans": ("clf", ["4.62", "3.93"]),
    "occupations": ("clf", ["5", "2"]),
}


def groups() -> Iterator[tuple[str, pd.DataFrame]]:
    """Group → its rows, with a column for the table that each is of."""
    import plotly.express as px
    import statsmodels.api as sm
    from vega_datasets import local_data

    days = local_data.seattle_weather()
    yield (
        "weather",
        pd.DataFrame(
            {
                "__table": days["date"].dt.year.astype(str),
                "month": days["date"].dt.month,
                "temp_max": days["temp_max"],
                "temp_min": days["temp_min"],
                "wind": days["wind"],
                "__y": (days["precipitation"] > 0).astype(int),
            }
        ),
    )
    cars = local_data.cars()
    cars = cars[cars["Miles_per_Gallon"].notna()]
    yield (
        "origins",
        cars.drop(columns=["Name", "Origin", "Year", "Miles_per_Gallon"]).assign(
            __table=cars["Origin"], year=cars["Year"].dt.year, __y=cars["Miles_per_Gallon"]
        ),
    )
    world = px.data.gapminder()
    yield (
        "continents",
        pd.DataFrame(
            {
                "__table": world["continent"],
                "year": world["year"],
                "population": np.log(world["pop"]),
                "income": np.log(world["gdpPercap"]),
                "__y": world["lifeExp"],
            }
        ),
    )
    people = sm.datasets.randhie.load_pandas().data
    yield (
        "plans",
        people.drop(columns=["mdvis", "lncoins", "idp", "lpi", "fmde"]).assign(
            __table=people["lncoins"].round(2).astype(str), __y=(people["mdvis"] > 1).astype(int)
        ),
    )
    survey = sm.datasets.fair.load_pandas().data
    yield (
        "occupations",
        survey.drop(columns=["occupation", "affairs"]).assign(
            __table=survey["occupation"].astype(int).astype(str),
            __y=(survey["affairs"] > 0).astype(int),
        ),
    )


def main() -> None:
    """Write all groups."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(exist_ok=True, parents=True)
    about = folder / "meta.json"
    meta = json.loads(about.read_text()) if about.exists() else {}
    for group, rows in groups():
        kind, targets = TARGETS[group]
        (folder / group).mkdir(exist_ok=True)
        for name, table in rows.groupby("__table"):
            table = table.drop(columns="__table")
            table = table.sample(min(len(table), MOST_ROWS), random_state=0)
            table.to_csv(folder / group / f"{name}.csv.gz", index=False)
            print(group, name, table.shape, f"{table['__y'].mean():.2f}")
        for name in targets:
            meta[f"{group}:{name}"] = {"group": group, "kind": kind, "target": name}
    about.write_text(json.dumps(meta, indent=1) + "\n")


if __name__ == "__main__":
    main()
