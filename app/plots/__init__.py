"""Curves, heat maps and scatter plots: what panels draw with. The only room that imports pyqtgraph.

Plots take plain arrays and colours of the theme; they know nothing of sessions, candidates or searches.
"""
