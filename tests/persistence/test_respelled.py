"""A source's own steps for levels in another spelling are saved, and checked when read."""

import json

import numpy as np
import pandas as pd
import pytest
from editing import FILE, load, packed, parts
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

import sktransfer
from sktransfer import TransferMLPClassifier
from sktransfer.exceptions import SourceFormatError

rng = np.random.default_rng(0)
TABLE = pd.DataFrame({"age": rng.normal(size=80), "town": ["ghent", "lille", "metz", "bern"] * 20})
CLASSES = (TABLE["age"] + (TABLE["town"] == "ghent") > 0).astype(int)
RESPELLED = TABLE.assign(town=TABLE["town"].str.title())


def _model(*before):
    encode = make_pipeline(*before, OrdinalEncoder(max_categories=3))
    steps = make_column_transformer((encode, ["town"]), remainder="passthrough")
    source = make_pipeline(steps, MLPClassifier((4,), max_iter=30, random_state=0))
    source.fit(TABLE, CLASSES)
    return TransferMLPClassifier(source=source, strategy="recalibrate").fit(RESPELLED, CLASSES)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("before", [(), (SimpleImputer(strategy="most_frequent"),)])
def test_a_model_of_levels_in_another_spelling_is_saved(before, tmp_path):
    model = _model(*before)
    model.save(tmp_path / "model")
    found = sktransfer.load(tmp_path / "model").predict_proba(RESPELLED)
    np.testing.assert_array_equal(found, model.predict_proba(RESPELLED))


#: Text of the file → what is written in its place.
ODD = {
    "another column": ('[["town", {"@": "dict"', '[["age", {"@": "dict"'),
    "no dict": ('"levels": {"@": "dict", "items"', '"levels": {"@": "tuple", "items"'),
    "no text": ('["Bern", "bern"]', '[1, "bern"]'),
    "a list": ('["Bern", "bern"]', '["Bern", ["bern"]]'),
    "no names": ('"shape": [1], "values": ["town"]', '"shape": [1], "values": [1]'),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_odd_levels_are_refused(tmp_path):
    _model().save(tmp_path)
    document, arrays = parts((tmp_path / FILE).read_bytes())
    text = json.dumps(document)
    load(packed(json.loads(text), arrays), tmp_path)
    for old, new in ODD.values():
        assert old in text
        with pytest.raises(SourceFormatError):
            load(packed(json.loads(text.replace(old, new)), arrays), tmp_path)
