"""Files the program ships with: icons, themes, preset plans."""
