"""The cell as a picture: where things stand (layers, layout), what is drawn (items), the view, and the watching widget.

The drawing is a projection of an immutable architecture and never the truth. No panels and no plots here; session rows
are read in subject.py alone; no widgets inside the scene.
"""
