"""What controllers are made of: decisions written out as sequences, weights in one vector, a plain table of softmaxes,
and learning by policy gradients. The recurrent controller itself is in engine/search/controller.py.
"""
