"""Docstrings that several estimators share, in one place.

A class docstring states what is the class's own; :func:`documented` puts the entries below
around it, in the order of the signature.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

Class = TypeVar("Class", bound=type)

#: Parameters, in numpydoc's format.
PARAMETERS = """\
hidden_layer_sizes : int or array-like of int, default=None
    Widths of the hidden layers.  None takes the source's; without a source (256, 256), or
    (100,) with ``standardize=False``.
activation : {'relu', 'tanh', 'logistic', 'identity', 'leaky_relu', 'elu', 'gelu', 'silu', \
        'softplus'}, default=None
    Activation of the hidden layers.  None takes the source's; without a source 'relu'.
source : object, default=None
    The model to start from: a fitted estimator of this package, a fitted scikit-learn
    ``MLPClassifier`` or ``MLPRegressor``, a fitted ``Pipeline``, ``FrozenEstimator``, search
    or ``TransformedTargetRegressor`` around one, a fitted skorch net or torch module of dense
    layers, a directory that :meth:`save` wrote, or a
    :class:`~sktransfer.sources.SourceDescription`.  Of any other fitted estimator, such as a
    forest, boosting or a pipeline around one, the predictions are used.  It is read, never
    changed.  With several sources, in a list or a dict, the fit starts from the one that
    :func:`~sktransfer.model_selection.rank_sources` ranks first for its table.
    Inside a parameter grid wrap estimators in ``sklearn.frozen.FrozenEstimator``.  None
    trains from scratch.
strategy : str or Strategy, default='auto'
    How to start from the source, and how to train: ``'full'``, ``'frozen'``, ``'l2_sp'``,
    ``'lp_ft'``, ``'gradual'``, ``'discriminative'``, ``'keep_head'``, ``'scratch'``, a model
    without a network of its own (``'recalibrate'``, ``'tangent'``, ``'smooth'``,
    ``'additive'``, ``'linear'``, ``'probe'``, ``'trees'``, ``'boosting'``), ``'ensemble'``, or an
    instance of a class in :mod:`sktransfer.strategies`, such as
    :class:`~sktransfer.strategies.Joint`, which trains on the rows of other tables too.  A grid
    reaches its parameters as ``strategy__<parameter>``.  ``'ensemble'`` is a
    :class:`~sktransfer.strategies.WeightedEnsemble` of the default members.  So is ``'auto'``
    with a source; without one it is one network from scratch.
n_shared_layers : int, default=None
    How many hidden layers, from the input, start from the source; None for all that both
    networks have in common.
head_hidden_layer_sizes : int or array-like of int, default=()
    Hidden layers of the task's own, between the shared ones and the output.
feature_alignment : {'name', 'position'}, default='name'
    How columns are matched with the source's.  By name where both tables have names, else
    (and with ``'position'``) by position, which needs as many columns on both sides.
column_map : dict, default=None
    ``{column of the source: column of the table}``: columns that mean the same under another
    name.  Names that differ in case, blanks, ``_`` and ``-`` or in a prefix or suffix of several
    columns are matched without; :func:`~sktransfer.sources.suggest_columns` proposes others.
    Keys may also be columns of the tables of :class:`~sktransfer.strategies.Joint`.
dropout : float, default=0.0
    Probability with which a hidden unit is dropped in training, in [0, 1).
numeric_embedding : {'auto', 'fourier'} or None, default='auto'
    ``'fourier'`` adds Fourier features: a few cosines and sines of each numeric column.
    ``'auto'`` does so with ``standardize=True``, and on top of a source where the source has
    them.
categorical_features : 'from_dtype', array-like or None, default='from_dtype'
    Which columns are categories: those of categorical and text types, or those given as a
    mask, positions or names; None for none.
parse_text : bool, default=True
    Whether to parse numbers, dates and times that were read as text (``'1,234.5'``, ``'$12'``,
    ``'12 %'``, ``'2024-03-01'``): in a column of which nearly all entries have one format; the
    rest is missing.  `transfer_report_` names such columns.
solver : {'adam', 'sgd', 'lbfgs'}, default='adam'
    The optimiser.
alpha : float, default='auto'
    Strength of the L2 penalty on weights that have no penalty towards the source; divided by
    the batch's number of rows.  ``'auto'`` is 1; the entropy of the classes in bits, where one is
    rare; behind a log link, a value that depends on the mean and the dispersion of `y`; and
    0.0001 with ``standardize=False``.
batch_size : int, default='auto'
    Rows per step; ``'auto'`` is ``min(128, n_samples)``, or ``min(200, n_samples)`` with
    ``standardize=False``.
learning_rate : {'auto', 'constant', 'cosine', 'invscaling', 'adaptive'}, default='auto'
    Schedule.  ``'cosine'`` anneals to zero over `max_iter` epochs after a short warm-up;
    ``'invscaling'`` and ``'adaptive'`` are for ``solver='sgd'``.  ``'auto'`` is ``'cosine'``
    for Adam, ``'constant'`` for other solvers, in `partial_fit` and with
    ``standardize=False``.
learning_rate_init : float, default=0.001
    Learning rate, the schedule's largest.
power_t : float, default=0.5
    Exponent of ``'invscaling'``.
max_iter : int, default='auto'
    Most epochs (iterations of L-BFGS).  ``'auto'`` is 30, but between 200 and 1200 steps, or
    200 for other solvers than Adam and with ``standardize=False``.
shuffle : bool, default=True
    Whether rows are shuffled in every epoch.
random_state : int, RandomState instance or None, default=None
    Draws initial weights, held-out rows, batches and dropout.  None uses numpy's global
    generator, as everywhere in scikit-learn; strategies that draw nothing but held-out rows, such
    as ``'recalibrate'`` and ``'linear'``, then hold out the same rows in every fit.
tol : float, default=1e-4
    An epoch that improves the loss (with `early_stopping` that of the held-out rows) by less
    is no improvement.
verbose : bool or int, default=False
    Whether to print the loss of every epoch, and how much of it are penalties.  For an ensemble
    it prints each member's held-out loss and weight; with 2 also their epochs.
warm_start : bool, default=False
    Whether `fit` resumes from the weights of the last fit, not from the source.
momentum : float, default=0.9
    Momentum of SGD, in [0, 1].
nesterovs_momentum : bool, default=True
    Whether SGD's momentum is Nesterov's.
early_stopping : bool, default=False
    Whether to hold out rows, stop when their predictions no longer improve, and keep the best
    weights: by the loss with `standardize`, else by the score, as scikit-learn does.
validation_fraction : float, default=0.1
    Share of held-out rows, in [0, 1).
beta_1, beta_2 : float, default=0.9, 0.999
    Decay rates of Adam's moment estimates, in [0, 1).
epsilon : float, default=1e-8
    Adam's guard against division by zero.
n_iter_no_change : int, default=10
    Epochs without improvement after which training stops; a cosine schedule stops early only
    with a validation set.
max_fun : int, default=15000
    Most function calls of L-BFGS.
augmentation : {'mixup', 'noise', 'corruption'}, Augmentation or None, default=None
    Random changes of training rows, see :mod:`sktransfer.augmentation`.
device : str, default='auto'
    Where networks are trained: a device of torch's (``'cpu'``, ``'cuda'``, ``'cuda:1'``), or
    ``'auto'``: a CUDA GPU, where there is one, for steps of more than 1e9 floating-point
    operations, which are six times the rows of a batch times the weights, else the CPU.
    What is fitted is on the CPU in any case, and predicts there.
callbacks : list of skorch callbacks, default=None
    Notified of every epoch, and of every batch if one of them listens to batches.
"""

#: Attributes that ``fit`` sets.
ATTRIBUTES = """\
coefs_, intercepts_ : list of ndarray
    Weights of shape (n_inputs, n_outputs) and biases per layer.  The rows of the first weights
    are those of `encoded_feature_names_`.
encoded_feature_names_ : ndarray of shape (n_inputs,)
    Names of the encoded columns, in their order: numbers, and categories one by one; then
    indicators of missing entries, ``'missingindicator_age'``; then Fourier features,
    ``'age_cos0'``, ….
n_features_in_ : int
    Number of columns seen in fit.
feature_names_in_ : ndarray of shape (`n_features_in_`,)
    Their names, where all are strings.
n_iter_ : int
    Epochs of the last fit.
n_layers_ : int
    Number of layers, input and output included.
n_outputs_ : int
    Number of outputs.
out_activation_ : str
    Output activation.
loss_ : float
    Loss of the last epoch.
loss_curve_ : list of float
    Loss per epoch, penalties included, as in scikit-learn; ``net_.history[:, "train_penalty"]`` is
    how much of it they are.
best_loss_ : float or None
    Least loss, None with a validation set.
validation_scores_ : list of float or None
    Mean score on held-out rows per epoch.
best_validation_score_ : float or None
    That of the epoch whose weights were kept.
t_ : int
    Rows used in training, repeats counted.
source_scores_ : dict of str to float
    Where `source` is several: the score of each by its name (``'source0'``, ``'source1'``, …
    in a list), the best first.  The first is the one that was chosen; it stays chosen in
    `partial_fit` and with `warm_start`.
member_weights_ : dict of str to float
    Where `strategy` is an ensemble, as ``'auto'`` with a source: the weight of each member in
    the predictions.  They sum to one; members without weight are left out.
member_losses_ : dict of str to float
    Where `strategy` is an ensemble: each member's mean loss on held-out rows; empty where
    there were too few.
transfer_gain_ : float or None
    Where `strategy` is an ensemble: by how much the held-out loss falls with the members that
    use the source, on rows that have not chosen the weights; None where that was not measured.
transfer_gain_error_ : float or None
    Its standard error.
table_gains_ : dict of str to float
    Where `strategy` is an ensemble with :class:`~sktransfer.strategies.Joint`: by how much
    the held-out loss of trees falls with the rows of each table, the largest first.  Empty
    otherwise.
transfer_report_ : TransferReport
    What was carried over from the source, what started anew, and why.
net_ : skorch.NeuralNet
    The network, on encoded inputs.
"""

_ENTRY = re.compile(r"^(\w[\w, ]*) : (?:.*\n?)(?:(?:[ \t].*)?(?:\n|\Z))*", re.MULTILINE)


def entries(section: str) -> dict[str, str]:
    """Entries of a section by their name, ``'beta_1, beta_2'`` where one is of two parameters."""
    return {match[1]: match[0].rstrip() for match in _ENTRY.finditer(section)}


def documented(*, without: Collection[str] = ()) -> Callable[[Class], Class]:
    """A decorator that completes a class's parameters and attributes by the shared entries.

    Entries of the class's own docstring stay, also where a shared one has their name.

    Parameters
    ----------
    without : collection of str
        Attributes that the class does not have.

    Returns
    -------
    callable
        Takes and returns the class.
    """

    def decorated(cls: Class) -> Class:
        if cls.__doc__ is None:  # python -OO
            return cls
        doc = inspect.cleandoc(cls.__doc__)
        doc = _completed(doc, "Parameters", entries(PARAMETERS), inspect.signature(cls).parameters)
        shared = {name: text for name, text in entries(ATTRIBUTES).items() if name not in without}
        cls.__doc__ = _completed(doc, "Attributes", shared, shared) + "\n"
        return cls

    return decorated


def _completed(doc: str, title: str, shared: dict[str, str], order: Iterable[str]) -> str:
    """A docstring of which a section has the shared entries too, in an order."""
    head, line, rest = re.split(rf"^({title}\n-+\n)", doc, maxsplit=1, flags=re.MULTILINE)
    own, blank, rest = rest.partition("\n\n")
    texts = shared | entries(own)
    rank = {name.split(",")[0]: i for i, name in enumerate(order)}
    # what no order contains comes first
    names = sorted(texts, key=lambda name: rank.get(name.split(",")[0], -1))
    known = [name for name in names if name in entries(own) or name.split(",")[0] in rank]
    return head + line + "\n".join(texts[name] for name in known) + blank + rest
