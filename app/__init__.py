"""The window and everything in it. Qt lives only here; of the engine it sees space, plan, session and run."""
