"""A network trained on several labels of a table as the start for a new question about it.

The recipe of Levin et al. (ICLR 2023).  Half of the rows are labelled with all tasks but one,
few rows of the other half with that.  Compared are no source, each single-task network as the
source, and the network of all of them.

Run it with ``python benchmarks/multitask/as_source.py [--seeds 5]``.
"""

import argparse

import numpy as np
from several_tasks import DATA, NUMBERS

from sktransfer import MultiTaskMLP, TransferMLPClassifier, TransferMLPRegressor


def run(X, Y, n_rows, seed):
    """Score on the new task per source."""
    new, *others = Y
    order = np.random.default_rng(seed).permutation(len(X))
    half = len(X) // 2
    old, few, test = order[:half], order[half : half + n_rows], order[half + n_rows :]
    kinds = {n: "regression" if n in NUMBERS else "classification" for n in others}
    sources = {"none": None}
    for names in [[name] for name in others] + [others]:
        source = MultiTaskMLP(task_kinds={n: kinds[n] for n in names}, random_state=seed)
        sources["+".join(names)] = source.fit(X[old], Y.iloc[old][names])
    target = TransferMLPRegressor if new in NUMBERS else TransferMLPClassifier
    y = Y[new].to_numpy()
    return {
        name: target(source=source, strategy="l2_sp", random_state=seed)
        .fit(X[few], y[few])
        .score(X[test], y[test])
        for name, source in sources.items()
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    for data in DATA:
        X, Y = DATA[data]()
        for n_rows in (20, 50):
            runs = [run(X, Y, n_rows, seed) for seed in range(args.seeds)]
            means = {name: np.mean([r[name] for r in runs]) for name in runs[0]}
            told = "   ".join(f"{name} {value:.3f}" for name, value in means.items())
            print(f"{data}, {n_rows} rows for {Y.columns[0]}: {told}", flush=True)


if __name__ == "__main__":
    main()
