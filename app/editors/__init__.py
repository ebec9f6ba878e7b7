"""Editing by hand: an architecture, or a space. What the two share stands here, the rest in a room for each.

What is drawn comes from `app.graph`; panels and window do not appear in here.
"""
