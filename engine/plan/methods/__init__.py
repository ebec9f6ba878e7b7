"""The settings of every search method, one file each, with the values of its paper as defaults.

Each registers in `engine.plan.plan.METHODS`; what shares settings with others has them in `gradient` or `policy`.
"""
