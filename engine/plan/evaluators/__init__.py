"""How a candidate gets its score: the settings of every evaluator, one file each, registered in `engine.plan.plan`."""
