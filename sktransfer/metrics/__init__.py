"""How related are a source and a target?  Scores that need no training of a network.

Pure functions of arrays; the more, the better related.  What a source makes of a table comes
from :class:`~sktransfer.SharedLayerTransformer`; several sources are put in order by
:func:`sktransfer.model_selection.rank_sources`.

============================  ==================================================================
:func:`probe_gain_score`      how much better a linear model is on hidden features than on columns
:func:`logme_score`           the evidence of a Bayesian linear model on hidden features
:func:`h_score`               how far hidden features separate the target's classes
:func:`leep_score`            how well the source's probabilities predict the target's labels
:func:`nce_score`             how well the source's labels predict the target's labels
:func:`column_shift_score`    how far columns have moved between two tables
============================  ==================================================================

What breaks other implementations is ordinary here: missing classes, a target of one column or
several, source classes that are never predicted, fewer rows than features, constant or repeated
features, a single row.  On valid data no score is ever NaN or infinite.  They describe relatedness
and guarantee nothing.
"""

from sktransfer.metrics._column_shift import column_shift_score
from sktransfer.metrics._h_score import h_score
from sktransfer.metrics._label_scores import leep_score, nce_score
from sktransfer.metrics._logme import logme_score
from sktransfer.metrics._probe import probe_gain_score

__all__ = [
    "column_shift_score",
    "h_score",
    "leep_score",
    "logme_score",
    "nce_score",
    "probe_gain_score",
]
