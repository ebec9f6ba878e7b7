"""The editor of spaces: the picture of what may be, what can be restricted in it, and what follows for the whole space.

Picture, table and side column are projections of one immutable space; what a kind of space looks like and how it is
restricted is said in one small file per kind. No session rows and no panels in here.
"""
