"""Take a fitted estimator elsewhere: to ONNX, for runtimes that know neither Python nor torch."""

from sktransfer.export._to_onnx import to_onnx

__all__ = ["to_onnx"]
