"""One step of fifteen networks of one shape: as batched products, and one after the other.

    python benchmarks/speed/stacked.py

Prints microseconds of CPU time for one hidden layer's forward product and weight gradient, and for
Adam on its weights, and how many times as fast the stacked form is.
"""

from __future__ import annotations

import time

import torch

N_NETWORKS = 15  # three members, four folds and all rows


def microseconds(function, repeats: int = 50) -> float:
    """CPU time of a call, the least of nine means."""
    function()
    found = []
    for _ in range(9):
        began = time.process_time()
        for _ in range(repeats):
            function()
        found.append((time.process_time() - began) / repeats * 1e6)
    return min(found)


def adam(vectors) -> None:
    """One fused step on some flat vectors."""
    weight, gradient, first, second = vectors
    n_steps = torch.full((), float("inf"))
    torch._fused_adam_(
        [weight], [gradient], [first], [second], [], [n_steps],
        lr=1e-3, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False,
    )  # fmt: skip


def measure(width: int, n_rows: int) -> tuple[float, float, float, float]:
    """Products stacked and in turn, Adam stacked and in turn."""
    x = torch.randn(N_NETWORKS, n_rows, width)
    weight = torch.randn(N_NETWORKS, width, width)
    bias = torch.randn(N_NETWORKS, 1, width).expand(-1, n_rows, -1)
    out, gradient = torch.empty_like(x), torch.empty_like(weight)
    flat = [torch.rand(weight.numel()) for _ in range(4)]
    parts = list(zip(*(vector.split(width * width) for vector in flat), strict=True))

    def stacked():
        torch.baddbmm(bias, x, weight, out=out)
        torch.bmm(x.transpose(1, 2), out, out=gradient)

    def in_turn():
        for k in range(N_NETWORKS):
            torch.addmm(bias[k], x[k], weight[k], out=out[k])
            torch.mm(x[k].t(), out[k], out=gradient[k])

    def adam_in_turn():
        for part in parts:
            adam(part)

    return (
        microseconds(stacked),
        microseconds(in_turn),
        microseconds(lambda: adam(flat)),
        microseconds(adam_in_turn),
    )


def main() -> None:
    """Print a table."""
    torch.set_num_threads(1)
    print("width  rows   products: stacked  in turn  ratio   Adam: stacked  in turn  ratio")
    for width in (64, 256):
        for n_rows in (15, 75, 128):
            a, b, c, d = measure(width, n_rows)
            products = f"{a:19.0f} {b:8.0f} {b / a:6.1f}"
            print(f"{width:5} {n_rows:5} {products} {c:15.0f} {d:8.0f} {d / c:6.1f}")


if __name__ == "__main__":
    main()
