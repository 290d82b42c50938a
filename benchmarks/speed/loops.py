"""What ``fit`` is measured against: training loops as one would write them by hand.

All train a ReLU network on two classes with Adam, batch by batch, in the same order and from the
same weights as scikit-learn does, and return the loss of the last epoch.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np
import torch
from torch import nn

ALPHA, RATE, BETAS, EPSILON = 1e-4, 1e-3, (0.9, 0.999), 1e-8


def initial_weights(sizes, rng):
    """Weights of shape (n_inputs, n_outputs) and biases, drawn as scikit-learn draws them."""
    layers = []
    for n_inputs, n_outputs in pairwise(sizes):
        bound = sqrt(6 / (n_inputs + n_outputs))
        weight = rng.uniform(-bound, bound, (n_inputs, n_outputs)).astype(np.float32)
        layers.append((weight, rng.uniform(-bound, bound, n_outputs).astype(np.float32)))
    return layers


def epochs_of(X, y, n_epochs, rng):
    """Shuffled tensors of every epoch."""
    order = np.arange(len(X))
    for _ in range(n_epochs):
        permutation = np.arange(len(X))
        rng.shuffle(permutation)
        order = order[permutation]
        index = torch.from_numpy(order)
        yield X.index_select(0, index), y.index_select(0, index)


def plain_torch(X, y, hidden, batch_size, n_epochs):
    """The loop of every tutorial: a module, autograd, ``torch.optim.Adam``."""
    rng = np.random.RandomState(0)
    sizes = (X.shape[1], *hidden, 1)
    modules = []
    for weight, bias in initial_weights(sizes, rng):
        linear = nn.Linear(*weight.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.T))
            linear.bias.copy_(torch.from_numpy(bias))
        modules += [linear, nn.ReLU()]
    net = nn.Sequential(*modules[:-1])
    loss_of = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    X, y = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32)[:, None])
    for X_epoch, y_epoch in epochs_of(X, y, n_epochs, rng):
        total = 0.0
        for X_batch, y_batch in zip(
            X_epoch.split(batch_size), y_epoch.split(batch_size), strict=True
        ):
            optimizer.zero_grad()
            loss = loss_of(net(X_batch), y_batch)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y_batch)
    return total / len(X)


class Flat:
    """One vector of parameters, one of gradients and two of moments, with views per layer."""

    def __init__(self, layers) -> None:
        n_weights = sum(weight.size for weight, _ in layers)
        n = n_weights + sum(bias.size for _, bias in layers)
        self.vector, self.gradient, self.m, self.v = (torch.zeros(n) for _ in range(4))
        self.weights, self.biases = slice(0, n_weights), slice(n_weights, n)
        self.W, self.dW, self.b, self.db = [], [], [], []
        at, at_bias = 0, n_weights
        for weight, bias in layers:
            here, here_bias = slice(at, at + weight.size), slice(at_bias, at_bias + bias.size)
            self.W.append(self.vector[here].view(weight.shape[::-1]))
            self.dW.append(self.gradient[here].view(weight.shape[::-1]))
            self.b.append(self.vector[here_bias])
            self.db.append(self.gradient[here_bias])
            self.W[-1].copy_(torch.from_numpy(weight.T))
            self.b[-1].copy_(torch.from_numpy(bias))
            at, at_bias = here.stop, here_bias.stop

    def piece(self, where):
        """Arguments of the fused Adam kernel for a part of the vector."""
        parts = [self.vector, self.gradient, self.m, self.v]
        return [*([part[where]] for part in parts), [], [torch.full((), float("inf"))]]


def explicit(X, y, hidden, batch_size, n_epochs):
    """The best such loop known here: no autograd, no allocation, one kernel for Adam."""
    rng = np.random.RandomState(0)
    flat = Flat(initial_weights((X.shape[1], *hidden, 1), rng))
    W, dW, b, db = flat.W, flat.dW, flat.b, flat.db
    W_t, last, t = [w.t() for w in W], len(W) - 1, 0
    decayed, plain = flat.piece(flat.weights), flat.piece(flat.biases)
    w_all = flat.vector[flat.weights]
    addmm, mm, mv, sub = torch.addmm, torch.mm, torch.mv, torch.sub
    backward = torch.ops.aten.threshold_backward.grad_input
    buffers = {}
    X, y = torch.from_numpy(X), torch.from_numpy(y.astype(np.float32)[:, None])
    for X_epoch, y_epoch in epochs_of(X, y, n_epochs, rng):
        prediction, norms = torch.empty_like(y_epoch), []
        for X_batch, y_batch, p in zip(
            *(part.split(batch_size) for part in (X_epoch, y_epoch, prediction)), strict=True
        ):
            n = X_batch.size(0)
            if n not in buffers:
                d = [torch.empty(n, len(w)) for w in W]
                h = [torch.empty(n, len(w)) for w in W[:-1]]
                wide = [bias.expand(n, -1) for bias in b]
                buffers[n] = h, d, [x.t() for x in d], wide, torch.ones(n), torch.tensor(1 / n)
            h, d, d_t, wide, ones, share = buffers[n]
            a = X_batch
            for i in range(last):
                a = addmm(wide[i], a, W_t[i], out=h[i]).relu_()
            addmm(wide[last], a, W_t[last], out=p).sigmoid_()
            delta = sub(p, y_batch, out=d[last]).mul_(share)
            for i in range(last, -1, -1):
                below = h[i - 1] if i else X_batch
                mm(d_t[i], below, out=dW[i])
                mv(d_t[i], ones, out=db[i])
                if i:
                    delta = mm(delta, W[i], out=d[i - 1])
                    backward(delta, below, 0, grad_input=delta)
            norms.append(torch.dot(w_all, w_all))
            t += 1
            rate = RATE * sqrt(1 - BETAS[1] ** t) / (1 - BETAS[0] ** t)
            adam(decayed, rate, ALPHA / n)
            adam(plain, rate, 0.0)
        p = prediction.clamp(1e-7, 1 - 1e-7)
        rows = torch.xlogy(y_epoch, p) + torch.xlogy(1 - y_epoch, 1 - p)
        total = -float(rows.sum()) + 0.5 * ALPHA * float(torch.stack(norms).sum())
    return total / len(X)


def adam(piece, rate, decay):
    """One step of the kernel; the correction of the averages is part of the rate."""
    torch._fused_adam_(
        *piece, amsgrad=False, lr=rate, beta1=BETAS[0], beta2=BETAS[1],
        weight_decay=decay, eps=EPSILON, maximize=False,
    )  # fmt: skip


def skorch_default(X, y, hidden, batch_size, n_epochs):
    """skorch as its guide shows it, but silent and without a validation split."""
    from skorch import NeuralNetBinaryClassifier

    sizes = (X.shape[1], *hidden, 1)
    layers: list[nn.Module] = []
    for n_inputs, n_outputs in pairwise(sizes):
        layers += [nn.Linear(n_inputs, n_outputs), nn.ReLU()]
    net = NeuralNetBinaryClassifier(
        nn.Sequential(*layers[:-1]),
        optimizer=torch.optim.Adam,
        lr=RATE,
        batch_size=batch_size,
        max_epochs=n_epochs,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )
    net.fit(X, y.astype(np.float32))
    return net.history[-1, "train_loss"]
