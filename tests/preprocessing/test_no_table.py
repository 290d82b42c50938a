"""What is given in the place of a table is an error that says how to make one of it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from sktransfer import TransferMLPRegressor
from sktransfer.exceptions import SourceError
from sktransfer.sources import Predictor

TABLE = pd.DataFrame({"age": [1.0, 2.0, 3.0, 4.0], "town": ["Ulm", "Ghent", "Ulm", "Ghent"]})
AMOUNTS = [1.0, 2.0, 3.0, 4.0]
GIVEN = {
    "list of dicts": (TABLE.to_dict("records"), r"DataFrame\(X\)"),
    "dict of a row": (TABLE.iloc[0].to_dict(), r"DataFrame\(\[X\]\) of a row"),
    "dict of columns": (TABLE.to_dict("list"), r"DataFrame\(X\) of columns"),
    "records": (TABLE.to_records(index=False), r"array of records.*DataFrame\(X\)"),
    "row": (TABLE.iloc[0], r"a Series.*table.iloc\[\[0\]\]"),
    "column": (TABLE["age"], r"a Series.*table\[\['its name'\]\]"),
    "path": ("table.csv", "text or path 'table.csv'.*read_csv"),
    "rows": (TABLE.to_numpy().tolist(), "rows with text such as 'Ulm'.*columns="),
}


@pytest.mark.parametrize("what", GIVEN)
def test_the_error_says_how_to_make_a_table(what):
    given, cure = GIVEN[what]
    with pytest.raises((TypeError, ValueError), match=cure):
        TransferMLPRegressor(max_iter=2).fit(given, AMOUNTS)
    for columns in (["age", "town"], ["age"]):
        model = TransferMLPRegressor(max_iter=2).fit(TABLE[columns], AMOUNTS)
        with pytest.raises((TypeError, ValueError), match=cure):
            model.predict(given)


def test_a_source_says_so_too():
    source = Predictor(LinearRegression().fit(TABLE[["age"]], AMOUNTS))
    with pytest.raises(SourceError, match=r"DataFrame\(X\)"):
        source.outputs([{"age": 1.0}])
    with pytest.raises(SourceError, match=r"the shape \(3,\)"):
        source.outputs(np.ones(3))
