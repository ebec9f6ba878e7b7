"""What boards are called, and boards as text for screen readers."""

from .board import Arc, Board


def titled(name: str) -> str:
    """What a board is called; where an architecture has only one cell, it is just the cell."""
    return f"{name} cell" if name in ("normal", "reduction") else name


def described(boards: tuple[Board, ...]) -> str:
    """All boards, spot by spot, with every arc."""
    return " ".join(f"{titled(board.name).capitalize()}: {_board(board)}." for board in boards)


def _board(board: Board) -> str:
    phrases = []
    several = sum(spot.role == "output" for spot in board.spots) > 1
    for spot in board.spots:
        into = board.into(spot.number)
        if spot.role == "node":
            does = f", {spot.label}," if spot.label else ""
            reads = " and ".join(_from(board, arc) for arc in into)
            phrases.append(f"node {spot.title}{does} reads {reads or 'nothing'}")
        elif spot.role == "output":
            name = f"output {spot.title}" if several else "output"
            phrases.append(f"{name} joins {', '.join(_from(board, arc) for arc in into)}")
    return "; ".join(phrases)


def _from(board: Board, arc: Arc) -> str:
    source = board.title(arc.source)
    return f"{arc.label} from {source}" if arc.label else source
