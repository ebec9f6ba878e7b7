"""What panels and commands ask of a session at a moment: one file per question, and one answer to it.

A query reads a `View` and nothing else; it opens no file and draws nothing.
"""
