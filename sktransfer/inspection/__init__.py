"""Looking into fitted estimators."""

from sktransfer.inspection._task_affinity import task_affinity

__all__ = ["task_affinity"]
