"""
Tracking with MLflow
====================

Logs a pipeline with its scores and what was carried over, and a model in this package's own file
format, which loads without pickle; reads both back, and gets the same predictions::

    python examples/tools/track_with_mlflow.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import mlflow
import numpy as np
import skops.io
from sklearn.datasets import load_wine
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

import sktransfer
from sktransfer import TransferMLPClassifier


class SavedModel(mlflow.pyfunc.PythonModel):
    """A model that :meth:`save` wrote, as a flavour of MLflow."""

    def load_context(self, context):
        """Load it, without pickle."""
        self.model = sktransfer.load(context.artifacts["model"])

    def predict(self, context, model_input, params=None):
        """Probabilities; use the model's `predict` for labels or numbers."""
        return self.model.predict_proba(model_input)


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
        report = network.transfer_report_.to_frame().to_dict("list")
        mlflow.log_dict(report, "transfer_report.json")
        # MLflow's default format, skops, needs a list of the types to trust
        trusted = skops.io.get_untrusted_types(data=skops.io.dumps(pipeline))
        info = mlflow.sklearn.log_model(pipeline, name="pipe", skops_trusted_types=trusted)
        # an estimator alone, in this package's format
        network.save(Path(folder) / "saved")
        saved = mlflow.pyfunc.log_model(
            name="model",
            python_model=SavedModel(),
            artifacts={"model": str(Path(folder) / "saved")},
            pip_requirements=["sktransfer"],
        )
    again = mlflow.sklearn.load_model(info.model_uri)
    own = mlflow.pyfunc.load_model(saved.model_uri)
    logged = mlflow.get_run(run.info.run_id).data
    print(f"accuracy {logged.metrics['accuracy']:.3f}, strategy {logged.params['strategy']}")
    expected = pipeline.predict_proba(X)
    same = np.array_equal(again.predict_proba(X), expected)
    print("same predictions:", same and np.array_equal(own.predict(X), expected))
