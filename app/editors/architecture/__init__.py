"""The editor: a document that only changes by commands, and the picture, the table and the menus that show and edit it.

Picture and table are projections of the document's value. What an edit means is said in ../kinds alone.
"""
