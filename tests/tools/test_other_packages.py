"""Optuna, MLflow and SHAP: the example of each runs, and says what it should."""

import pytest


def test_optuna_searches_strategies_and_sources(run_script):
    pytest.importorskip("optuna_integration")
    study, search = run_script("search_with_optuna")
    assert study.startswith("study: {'source': ") and "strategy__strength" in search
    assert all(float(line.split()[-1]) > 0.7 for line in (study, search))


def test_mlflow_keeps_a_pipeline_and_its_predictions(run_script):
    pytest.importorskip("mlflow")
    logged, same = run_script("track_with_mlflow")
    assert "strategy l2_sp" in logged
    assert same == "same predictions: True"


def test_shap_explains_all_of_a_prediction(run_script):
    pytest.importorskip("shap")
    without, with_source = run_script("explain_with_shap")  # asserts that contributions add up
    assert without.startswith("without source: ") and with_source.startswith("with source: ")
