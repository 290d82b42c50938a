"""
One network, several processes
==============================

Data-parallel training under torchrun, on one machine or several: every process reads its own rows,
and a callback of skorch averages the gradients of each step over all processes, so that all take
the same step: two processes with batches of 32 rows train as one with batches of 64::

    torchrun --nproc-per-node 2 examples/tools/train_on_several_processes.py model.pkl

The first process fixes columns, scaling and weights in a first ``partial_fit`` and writes
``model.pkl``, from which all begin, and which it writes anew after every epoch.  An interrupted
run resumes from there.
"""

from __future__ import annotations

import argparse
import os
import pickle
from pathlib import Path

import torch
import torch.distributed as dist
from sklearn.datasets import load_digits
from sklearn.utils import shuffle
from skorch.callbacks import Callback

from sktransfer import TransferMLPClassifier


class AverageGradients(Callback):
    """Every process steps by the mean of all processes' gradients."""

    def on_grad_computed(self, net, named_parameters, **kwargs):
        for _, parameter in named_parameters:
            if parameter.grad is not None:
                dist.all_reduce(parameter.grad)
                parameter.grad /= dist.get_world_size()


def write(path: Path, model) -> None:
    """All or nothing: a process may be killed while it writes."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(pickle.dumps(model))
    unfinished.replace(path)


def main() -> None:
    """Train, and print the loss of every epoch over all processes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("path", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=64)
    options = parser.parse_args()

    has_gpu = torch.cuda.device_count() >= int(os.environ["LOCAL_WORLD_SIZE"])  # of its own
    dist.init_process_group("cpu:gloo,cuda:nccl" if has_gpu else "gloo")
    rank, n_processes = dist.get_rank(), dist.get_world_size()
    X, y = shuffle(*load_digits(return_X_y=True), random_state=0)
    source = TransferMLPClassifier((64,), max_iter=5, random_state=0).fit(X[:500], y[:500] > 4)
    X, y = X[500:1780], y[500:1780]  # as many rows for every process, in full batches

    if rank == 0 and not options.path.exists():
        model = TransferMLPClassifier(
            source=source,
            strategy="l2_sp",
            alpha=1.0,
            learning_rate="constant",
            batch_size=options.batch_size,
            shuffle=False,
            random_state=0,
        )
        write(options.path, model.partial_fit(X[:200], y[:200], classes=range(10)))
    dist.barrier()
    model = pickle.loads(options.path.read_bytes())
    model.set_params(
        batch_size=options.batch_size // n_processes,
        alpha=1.0 / n_processes,  # weight decay is divided by the rows of a batch
        callbacks=[AverageGradients()] if n_processes > 1 else None,
        standardize=False,  # from here on: means and deviations stay those of the first rows
        device=f"cuda:{os.environ['LOCAL_RANK']}" if has_gpu else "cpu",
    )
    mine = slice(rank, None, n_processes)
    for epoch in range(len(model.loss_curve_) - 1, options.epochs):
        model.partial_fit(X[mine], y[mine])
        losses = [None] * n_processes
        dist.all_gather_object(losses, model.loss_)
        if rank == 0:
            write(options.path, model)
            print(f"epoch {epoch + 1:3}  loss {sum(losses) / n_processes:.10f}", flush=True)
        dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
