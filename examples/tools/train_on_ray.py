"""
One network, several workers of Ray
===================================

The training of ``train_on_several_processes.py`` under Ray Train, which starts the workers, on
one machine or several, and restarts all of them if one dies: they resume from the last epoch
that was reported::

    python examples/tools/train_on_ray.py build/on_ray

Every worker reads its own rows, and the gradients of each step are averaged, so that all take the
same step.  The first worker reports each epoch's loss and model.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from pathlib import Path

import ray.train
import torch.distributed as dist
from ray.train.torch import TorchTrainer
from sklearn.datasets import load_digits
from sklearn.utils import shuffle
from train_on_several_processes import AverageGradients

from sktransfer import TransferMLPClassifier


def begun(X, y, batch_size):
    """A model whose columns, scaling and first weights all workers share."""
    source = TransferMLPClassifier((64,), max_iter=5, random_state=0).fit(X[:500], y[:500] > 4)
    model = TransferMLPClassifier(
        source=source,
        strategy="l2_sp",
        learning_rate="constant",
        batch_size=batch_size,
        shuffle=False,
        random_state=0,
    )
    return model.partial_fit(X[500:700], y[500:700], classes=range(10))


def train(config):
    """What each worker does; it resumes from the last reported model."""
    context = ray.train.get_context()
    rank, n_workers = context.get_world_rank(), context.get_world_size()
    X, y = shuffle(*load_digits(return_X_y=True), random_state=0)
    before = ray.train.get_checkpoint()
    if before is None:
        model = begun(X, y, config["batch_size"])
    else:
        with before.as_directory() as folder:
            model = pickle.loads((Path(folder) / "model.pkl").read_bytes())
    model.set_params(
        batch_size=config["batch_size"] // n_workers,
        alpha=1.0 / n_workers,  # weight decay is divided by the rows of a batch
        standardize=False,  # from here on: means and deviations stay those of the first rows
    )
    average = [AverageGradients()] if n_workers > 1 else None
    mine = slice(500 + rank, 1780, n_workers)  # as many rows for every worker, in full batches
    for epoch in range(len(model.loss_curve_) - 1, config["epochs"]):
        model.set_params(callbacks=average).partial_fit(X[mine], y[mine])
        model.set_params(callbacks=None)  # the model is kept, what averages is the workers'
        losses = [None] * n_workers
        if n_workers > 1:
            dist.all_gather_object(losses, model.loss_)
        else:
            losses = [model.loss_]
        metrics = {"epoch": epoch + 1, "loss": sum(losses) / n_workers}
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "model.pkl").write_bytes(pickle.dumps(model))
            mark = ray.train.Checkpoint.from_directory(folder) if rank == 0 else None
            ray.train.report(metrics, checkpoint=mark)


def main() -> None:
    """Train, and print the last epoch's loss and where its model lies."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("folder", type=Path, help="where models are kept")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    options = parser.parse_args()
    trainer = TorchTrainer(
        train,
        train_loop_config={"epochs": options.epochs, "batch_size": options.batch_size},
        scaling_config=ray.train.ScalingConfig(num_workers=options.workers),
        run_config=ray.train.RunConfig(
            name="sktransfer",
            storage_path=str(options.folder.resolve()),
            failure_config=ray.train.FailureConfig(max_failures=3),
        ),
    )
    result = trainer.fit()
    print(f"epoch {result.metrics['epoch']}  loss {result.metrics['loss']:.10f}")
    print(f"model in {result.checkpoint.path}")


if __name__ == "__main__":
    main()
