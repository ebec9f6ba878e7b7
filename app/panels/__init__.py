"""The dockable panels, one per file, each a function of (the tables, the time cursor, the selection).

A panel draws exactly the rows of the view it is handed and keeps nothing that a view cannot give back. Panels do not
know each other, the window or the search; what they have in common is in panel.py and words.py.
"""
