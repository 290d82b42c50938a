"""Every kind of source × form of the table × strategy: documented errors, and no silence.

A sample of cells runs with the other tests.  ``SWEEP=triples pytest tests/sweep`` (``make sweep``)
runs as many as it takes for any three parts to meet, ``SWEEP=all`` all of them, ``SWEEP=500`` a
larger sample, and ``SWEEP='classifier-pca-frame-*-auto'`` those whose id matches.  What a cell
does is in ``sweep_cells.py``, what it may refuse in ``sweep_expected.py``.
"""

import os
import warnings

import pytest
from sweep_cells import agree, agree_without_names, all_cells, chosen, outcomes
from sweep_expected import REFUSED
from sweep_sources import BY_NAME, PREDICTORS, SOURCES, learned_text

from sktransfer.strategies import STRATEGIES

WANTED = os.environ.get("SWEEP")
N_SAMPLED = 50
CELLS = chosen(WANTED, N_SAMPLED)
#: Sources of numbers; for an array and a frame of them a fit is the same.
PAIRS = [
    (estimator, source, strategy)
    for source in SOURCES
    if not learned_text(source)
    for strategy in STRATEGIES
    if strategy != "ensemble"  # with a source 'auto'
    for estimator in ("classifier", "regressor")
]
PAIRS = PAIRS if WANTED in ("all", "triples") else PAIRS[:: len(PAIRS) // 10]
#: Of these with a source that has layers, and no names where it learned from an array; a network
#: from scratch begins with weights that are drawn by name.
NAMELESS = [
    pair for pair in PAIRS if pair[1] not in {*BY_NAME, *PREDICTORS} and pair[2] != "scratch"
]


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_a_cell_works_or_is_refused_as_documented(cell):
    refused = [expected for expected in REFUSED if expected.covers(cell)]
    wrong = []
    for step, error in outcomes(cell).items():
        here = [expected for expected in refused if step in expected.steps]
        if error is None:
            wrong += [f"{step}: not refused ({each.why})" for each in here if each.always]
        elif not any(expected.matches(error) for expected in here):
            wrong.append(f"{step}: {type(error).__name__}: {error}")
    assert not wrong, f"{cell.id}: {'; '.join(wrong)}"


@pytest.mark.slow
def test_any_two_parts_meet_in_the_sweep_of_pairs():
    def meetings(cells):
        return {(i, cell[i], j, cell[j]) for cell in cells for i in range(5) for j in range(i)}

    pairs = chosen("pairs", 0)
    assert meetings(pairs) == meetings(all_cells()) and len(pairs) < len(all_cells()) / 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator, source, strategy", PAIRS, ids=["-".join(pair) for pair in PAIRS]
)
def test_an_array_and_a_frame_of_the_same_numbers_agree(estimator, source, strategy):
    agree(estimator, source, strategy)


@pytest.mark.slow
@pytest.mark.parametrize(
    "estimator, source, strategy", NAMELESS, ids=["-".join(pair) for pair in NAMELESS]
)
def test_names_of_a_table_do_not_matter_for_a_source_without_names(estimator, source, strategy):
    agree_without_names(estimator, source, strategy)
