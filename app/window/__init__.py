"""The main window: actions, docks, timeline, and the playback that shows one session at one moment to all panels.

The only room that sees every panel. Nothing here draws a search itself, and nothing here waits for one.
"""
