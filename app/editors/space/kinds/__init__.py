"""What each kind of space leaves open, slot by slot, and how it is drawn; one file per kind, without Qt."""
