"""What several rooms of the window use: the base of panels, labels, tables, editors of settings, numbers in words.

No panel, no plot, no graph in here.
"""
