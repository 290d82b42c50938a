"""
Tracking with MLflow
====================

Logs a pipeline with its scores and what was carried over, reads it back, and gets the same
predictions::

    python examples/tools/track_with_mlflow.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import mlflow
import numpy as np
from sklearn.datasets import load_wine
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from sktransfer import TransferMLPClassifier

X, y = load_wine(return_X_y=True)
source = TransferMLPClassifier(random_state=0).fit(X[::2], y[::2] > 0)
network = TransferMLPClassifier(source=source, strategy="l2_sp", random_state=0)
pipeline = make_pipeline(SelectKBest(k="all"), network)

with tempfile.TemporaryDirectory() as folder:
    mlflow.set_tracking_uri(f"sqlite:///{Path(folder) / 'runs.db'}")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("wine", Path(folder).as_uri()))
    with mlflow.start_run() as run:
        mlflow.log_metric("accuracy", cross_val_score(pipeline, X[1::2], y[1::2], cv=3).mean())
        pipeline.fit(X[1::2], y[1::2])
        for epoch, loss in enumerate(network.loss_curve_):
            mlflow.log_metric("loss", loss, step=epoch)
        mlflow.log_params({"strategy": network.strategy, "source": type(source).__name__})
        mlflow.log_dict(
            network.transfer_report_.to_frame().to_dict("list"), "transfer_report.json"
        )
        # MLflow's default, skops, needs a list of classes to trust
        info = mlflow.sklearn.log_model(pipeline, name="model", serialization_format="cloudpickle")
    again = mlflow.sklearn.load_model(info.model_uri)
    logged = mlflow.get_run(run.info.run_id).data
    print(f"accuracy {logged.metrics['accuracy']:.3f}, strategy {logged.params['strategy']}")
    print("same predictions:", np.array_equal(again.predict_proba(X), pipeline.predict_proba(X)))
