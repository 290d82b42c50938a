"""Take a fitted estimator elsewhere: to ONNX, for runtimes without Python and torch."""

from sktransfer.export._to_onnx import to_onnx

__all__ = ["to_onnx"]
