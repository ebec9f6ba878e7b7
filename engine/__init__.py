"""What the program knows and does, without a screen: no Qt in here, ever."""
