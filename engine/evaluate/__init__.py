"""How a candidate gets its score, one evaluator per file. An evaluator knows no method and proposes nothing.

Importing this loads no torch; the files of the evaluators do.
"""

from engine.evaluate.evaluator import SCORERS, BaseEvaluator, Outcome, evaluator

__all__ = ["SCORERS", "BaseEvaluator", "Outcome", "evaluator"]
