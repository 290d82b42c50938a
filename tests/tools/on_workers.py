"""Estimators that tell what becomes of them on other processes."""

import os
import signal

from sktransfer import TransferMLPClassifier


class RecordsUnpacking(TransferMLPClassifier):
    """A source that leaves a line in a file each time it arrives in a process."""

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "path_"):
            with open(self.path_, "a", encoding="utf-8") as file:
                file.write(f"{os.getpid()}\n")


class KillsItsWorkerOnce(TransferMLPClassifier):
    """The first fit anywhere ends its process, as the kernel does when memory is out."""

    def fit(self, X, y, **params):
        if not os.path.exists(self.source.path_ + ".killed"):
            with open(self.source.path_ + ".killed", "w", encoding="utf-8") as file:
                file.write(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y, **params)
