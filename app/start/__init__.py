"""The start page: ways to begin, and the sessions of a folder as cards. It knows widgets and pictures of architectures,
no panel and no window. `session_index` is without Qt; nothing here loads numpy or HDF5 before a session is read."""
