"""A plug-in that is made of several files: a method with panel and preset, a space, an evaluator and a data set."""

import hill_climbing  # noqa: F401 - each registers what it has
import ladder_space  # noqa: F401
import size_evaluator  # noqa: F401
import stripes_data  # noqa: F401
