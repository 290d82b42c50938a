"""Does the affinity of two tasks tell whether learning them together helps?

For every pair of tasks of a data set, together with a shuffled copy of its first task: what the
second task's score gains where the first is learned with it, and the affinity of the two on the
same training rows.  Printed is, per second task, the rank correlation over the first ones.

Run it with ``python benchmarks/multitask/affinity.py [--seeds 5]``.
"""

import argparse

import numpy as np
from scipy.stats import spearmanr
from several_tasks import DATA, NUMBERS, split

from sktransfer import MultiTaskMLP
from sktransfer.inspection import task_affinity


def model(names, seed):
    kinds = {n: "regression" if n in NUMBERS else "classification" for n in names}
    return MultiTaskMLP(task_kinds=kinds, random_state=seed)


def pairs(X, Y, X_test, Y_test, seed):
    """(affinity, gain) for every task, and every other task learned with it."""
    alone = {
        name: model([name], seed).fit(X, Y[[name]]).score(X_test, Y_test[[name]]) for name in Y
    }
    affinity = task_affinity(model(list(Y), seed).fit(X, Y), X, Y)
    for second in Y:
        for first in Y.columns.drop(second):
            both = model([first, second], seed).fit(X, Y[[first, second]])
            score = both.score_tasks(X_test, Y_test[[first, second]])[second]
            yield affinity.loc[first, second], score - alone[second]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100)
    args = parser.parse_args()
    found = []
    for data in DATA:
        X, Y = DATA[data]()
        shuffled = np.random.default_rng(0).permutation(Y.iloc[:, 0])
        Y = Y.assign(shuffled=shuffled)
        if Y.columns[0] in NUMBERS:
            NUMBERS.add("shuffled")
        else:
            NUMBERS.discard("shuffled")
        runs = [
            list(pairs(*split(X, Y, args.rows, 0.6, seed), seed)) for seed in range(args.seeds)
        ]
        # which of the other tasks is the better company: per task, then the mean over tasks
        affinity, gain = np.mean(runs, axis=0).reshape(Y.shape[1], -1, 2).transpose(2, 0, 1)
        rho = [spearmanr(*task).statistic for task in zip(affinity, gain, strict=True)]
        found += rho
        told = "  ".join(f"{name} {r:+.1f}" for name, r in zip(Y, rho, strict=True))
        print(f"{data:>9}: {told}", flush=True)
    print(f"     mean: {np.mean(found):+.2f} over {len(found)} tasks")


if __name__ == "__main__":
    main()
