"""Is a source worth it, which of several, and what does training forget of its task?"""

from sktransfer.model_selection._forgetting import forgetting_score
from sktransfer.model_selection._learning_curve import transfer_learning_curve
from sktransfer.model_selection._rank import rank_sources

__all__ = ["forgetting_score", "rank_sources", "transfer_learning_curve"]
