"""Every kind of architecture: boards that can be drawn, edits without faults, reasons for what is refused."""

import random
from collections import Counter
from itertools import combinations

import pytest

from app.canvas.board import OUTPUT, Board
from app.canvas.kinds import ArcRef, Change, Illegal, Kind, SpotRef, boards, kind_of
from app.canvas.kinds.fragment import copied, pasted
from app.canvas.kinds.layers import Layers
from app.canvas.kinds.motifs import Motifs
from app.canvas.kinds.recurrent import HIDDEN, WORD, Recurrent
from app.canvas.kinds.tree import MEMORY, NEXT_MEMORY, Tree
from app.canvas.layout import lay_out
from engine.space import SPACES, library
from engine.space.architecture import all_faults
from engine.space.layers import Layer, LayerArchitecture
from engine.space.motifs import Motif, MotifArchitecture, pairs
from engine.space.recurrent import RecurrentCell, RecurrentNode, TreeCell, TreeNode


def measure(text: str) -> float:
    return 6.6 * len(text) + 10


def sampled(name: str, seed: int):
    space = SPACES[name]()
    return space.decode(space.sample(random.Random(seed)))


# -- all kinds alike


def check_board(board: Board) -> None:
    """Spots in an order in which arcs lead forward, arcs that carry something first, and a picture without overlaps."""
    place = {spot.number: index for index, spot in enumerate(board.spots)}
    assert len(place) == len(board.spots)
    assert all(place[arc.source] < place[arc.target] for arc in board.arcs)
    assert len({spot.title for spot in board.spots}) == len(board.spots)
    carrying = [arc.operation is not None for arc in board.arcs]
    assert carrying == sorted(carrying, reverse=True)
    layout = lay_out(board, measure)
    assert set(layout.boxes) == set(place)
    assert len(layout.routes) == len(board.arcs)
    assert len(layout.labels) == sum(carrying)
    assert not any(one.meets(other) for one, other in combinations([*layout.boxes.values(), *layout.labels], 2))


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("seed", range(3))
def test_members_of_every_space_can_be_drawn(name: str, seed: int):
    shown = boards(sampled(name, seed))
    assert shown
    assert len({board.name for board in shown}) == len(shown)
    for board in shown:
        check_board(board)


@pytest.mark.parametrize("published", library.cells(), ids=lambda cell: cell.name)
def test_everything_published_can_be_drawn(published):
    for board in boards(published.architecture):
        check_board(board)


def random_edit(rng: random.Random, kind: Kind, architecture) -> Change:
    """Any edit of any part; many are illegal."""
    board = rng.choice(kind.boards(architecture))
    spots = [SpotRef(board.name, spot.number) for spot in board.spots]
    arcs = [ArcRef(board.name, index) for index in range(len(board.arcs))]
    source, target = rng.choice(spots).number, rng.choice(spots).number
    part = rng.choice(spots + arcs)
    match rng.randrange(9):
        case 0:
            return kind.add(architecture, board.name, rng.choice([None, rng.choice(spots).number]))
        case 1 | 2 | 3:
            offers = kind.offers(architecture, board.name, source, target)
            return kind.connect(architecture, board.name, source, target, rng.choice(offers).name if offers else None)
        case 4:
            return kind.remove(architecture, rng.sample(spots + arcs, rng.randint(1, 2)))
        case 5:
            choices = kind.choices(architecture, part)
            return kind.choose(architecture, [part], rng.choice(choices).name if choices else "nonsense")
        case 6:
            if not arcs:
                raise Illegal("no arcs")
            return kind.rewire(architecture, rng.choice(arcs), source, target)
        case 7:
            if not kind.joins:
                raise Illegal("nothing joins the output")
            return kind.toggle(architecture, rng.sample(spots, 1))
        case _:
            fragment = copied(kind, architecture, rng.sample(spots, rng.randint(1, len(spots))))
            if fragment is None:
                raise Illegal("nothing to copy")
            return pasted(kind, architecture, board.name, fragment, outside=True)


@pytest.mark.parametrize(
    "name", ["nas-rl", "enas-macro", "hierarchical", "hierarchical-flat", "darts-rnn", "nas-rl-rnn"]
)
@pytest.mark.parametrize("seed", range(6))
def test_no_sequence_of_edits_leads_to_a_fault(name: str, seed: int):
    rng = random.Random(seed)
    architecture = sampled(name, seed)
    kind = kind_of(architecture)
    outcomes = Counter()
    for _ in range(60):
        try:
            change = random_edit(rng, kind, architecture)
        except Illegal:
            outcomes["refused"] += 1
            continue
        outcomes["done"] += 1
        assert all_faults(change.architecture) == []
        before, after = kind.boards(architecture), {board.name: board for board in kind.boards(change.architecture)}
        for board in before:
            now = [change.now(SpotRef(board.name, spot.number)) for spot in board.spots]
            numbers = [spot.number for spot in now if spot is not None]
            assert len(set(numbers)) == len(numbers)
            assert set(numbers) <= set(after[board.name].by_number)
        for part in change.select:
            if isinstance(part, SpotRef):
                assert part.number in after[part.board].by_number
            else:
                assert part.index < len(after[part.board].arcs)
        if max(board.size for board in after.values()) < 60:
            architecture = change.architecture
    for board in kind.boards(architecture):
        check_board(board)
    assert outcomes["done"] > 5
    assert outcomes["refused"] > 5


def arc(kind: Kind, architecture, source: int, target: int, board: str = "") -> ArcRef:
    shown = kind.board(architecture, board) if board else kind.boards(architecture)[0]
    return ArcRef(shown.name, [(one.source, one.target) for one in shown.arcs].index((source, target)))


# -- recurrent cells

RNN = RecurrentCell((RecurrentNode("relu", 0), RecurrentNode("tanh", 1), RecurrentNode("sigmoid", 1)), (2, 3))
RECURRENT = Recurrent()


def test_a_new_state_reads_the_last_one():
    change = RECURRENT.add(RNN, "cell")
    assert change.architecture.nodes[3] == RecurrentNode("tanh", 3)
    assert change.architecture.concat == (2, 3, 4)


def test_a_drawn_edge_replaces_what_the_state_read():
    change = RECURRENT.connect(RNN, "cell", 2, 3, "identity")
    assert change.architecture.nodes[2] == RecurrentNode("identity", 2)
    back = RECURRENT.connect(RNN, "cell", 3, 2, "relu")
    assert back.architecture.nodes == (
        RecurrentNode("relu", 0),
        RecurrentNode("sigmoid", 1),
        RecurrentNode("relu", 2),
    )
    assert back.now(SpotRef("cell", 2)) == SpotRef("cell", 3)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (2, 1, "a loop: 2 reads 1 already"),
        (1, 0, "state 0 is made from x and h"),
        (WORD, 2, "only state 0 reads x and h"),
        (1, 2, "2 reads 1 already"),
        (2, OUTPUT, "2 joins the output already"),
        (HIDDEN, OUTPUT, "only states join the output"),
    ],
)
def test_recurrent_objections(source: int, target: int, reason: str):
    with pytest.raises(Illegal, match=reason):
        RECURRENT.connect(RNN, "cell", source, target, "tanh")


def test_what_read_a_removed_state_reads_what_that_read():
    change = RECURRENT.remove(RNN, [SpotRef("cell", 1)])
    assert change.architecture == RecurrentCell((RecurrentNode("tanh", 0), RecurrentNode("sigmoid", 0)), (1, 2))
    with pytest.raises(Illegal, match="exactly one state"):
        RECURRENT.remove(RNN, [arc(RECURRENT, RNN, 0, 1)])
    with pytest.raises(Illegal, match="the output would be made of nothing"):
        RECURRENT.remove(RNN, [SpotRef("cell", 2), SpotRef("cell", 3)])


def test_activations_are_chosen_on_edges_and_on_the_first_state():
    change = RECURRENT.choose(RNN, [SpotRef("cell", 0), arc(RECURRENT, RNN, 1, 2)], "sigmoid")
    assert change.architecture.first == "sigmoid"
    assert change.architecture.nodes[1] == RecurrentNode("sigmoid", 1)
    with pytest.raises(Illegal, match="no activation 'gelu'"):
        RECURRENT.choose(RNN, [SpotRef("cell", 0)], "gelu")


# -- layers

CHAIN = LayerArchitecture((Layer("conv_3x3", (0,), 24), Layer("conv_5x5", (1,), 36), Layer("conv_1x1", (1, 2), 48)))
AFTER = LayerArchitecture(
    (Layer("conv_3x3", (0,)), Layer("sep_conv_3x3", (0, 1)), Layer("max_pool_3x3", (2,))), "after"
)
LAYERS = Layers()


def test_a_new_layer_goes_into_the_chain():
    end = LAYERS.add(CHAIN, "network").architecture
    assert end.layers[3] == Layer("conv_1x1", (3,), 48)
    between = LAYERS.add(CHAIN, "network", after=1)
    assert between.architecture.layers == (
        Layer("conv_3x3", (0,), 24),
        Layer("conv_3x3", (1,), 24),
        Layer("conv_5x5", (2,), 36),
        Layer("conv_1x1", (1, 3), 48),
    )
    assert between.now(SpotRef("network", 2)) == SpotRef("network", 3)
    assert all_faults(LAYERS.add(AFTER, "network", after=1).architecture) == []
    first = LAYERS.add(CHAIN, "network", after=0).architecture
    assert first.layers[:2] == (Layer("conv_3x3", (0,), 24), Layer("conv_3x3", (1,), 24))


def test_skips_are_drawn_and_removed():
    skip = LAYERS.connect(CHAIN, "network", 0, 3, None).architecture
    assert skip.layers[2].inputs == (0, 1, 2)
    assert LAYERS.remove(skip, [arc(LAYERS, skip, 1, 3)]).architecture.layers[2].inputs == (0, 2)
    with pytest.raises(Illegal, match="3 reads 1 already"):
        LAYERS.connect(CHAIN, "network", 1, 3, None)
    with pytest.raises(Illegal, match="earlier ones only"):
        LAYERS.connect(CHAIN, "network", 3, 2, None)
    with pytest.raises(Illegal, match="layers that no other reads"):
        LAYERS.connect(CHAIN, "network", 1, OUTPUT, None)
    with pytest.raises(Illegal, match="would read nothing"):
        LAYERS.remove(CHAIN, [arc(LAYERS, CHAIN, 1, 2)])
    with pytest.raises(Illegal, match="the operation of layer 2 works on layer 1"):
        LAYERS.remove(AFTER, [arc(LAYERS, AFTER, 1, 2)])


def test_what_read_a_removed_layer_reads_what_that_read():
    assert LAYERS.remove(CHAIN, [SpotRef("network", 1)]).architecture.layers == (
        Layer("conv_5x5", (0,), 36),
        Layer("conv_1x1", (0, 1), 48),
    )
    assert LAYERS.remove(AFTER, [SpotRef("network", 2)]).architecture.layers[1].inputs == (0, 1)
    with pytest.raises(Illegal, match="at least one layer"):
        LAYERS.remove(CHAIN, [SpotRef("network", number) for number in (1, 2, 3)])


def test_a_connection_is_led_elsewhere_at_once():
    moved = LAYERS.rewire(CHAIN, arc(LAYERS, CHAIN, 1, 2), 0, 2).architecture
    assert moved.layers[1].inputs == (0,)


def test_operation_filters_and_stride_of_a_layer():
    spot = SpotRef("network", 2)
    assert LAYERS.choose(CHAIN, [spot], "conv_7x7").architecture.layers[1] == Layer("conv_7x7", (1,), 36)
    assert LAYERS.choose(CHAIN, [spot], "filters=48").architecture.layers[1].filters == 48
    strided = LAYERS.choose(CHAIN, [spot], "stride=2").architecture
    assert strided.layers[1].stride == 2
    assert LAYERS.board(strided, "network").by_number[2].label == "conv 5×5  36  /2"
    assert LAYERS.typed(CHAIN, spot, "40 filters").name == "filters=40"
    assert LAYERS.typed(CHAIN, spot, "stride 4").name == "stride=4"
    assert LAYERS.typed(CHAIN, spot, "nonsense") is None
    assert LAYERS.typed(AFTER, spot, "40") is None
    with pytest.raises(Illegal, match="1 to 65,536 filters"):
        LAYERS.choose(CHAIN, [spot], "filters=0")
    with pytest.raises(Illegal, match="a stride is 1 to 16"):
        LAYERS.choose(CHAIN, [spot], "stride=99")
    assert {choice.name for choice in LAYERS.choices(AFTER, spot)} >= {"sep_conv_5x5", "max_pool_3x3"}
    assert not any("filters" in choice.name for choice in LAYERS.choices(AFTER, spot))


# -- motifs

SMALL = Motif(3, (1, 2, 1))
CELL = MotifArchitecture(((SMALL, Motif(3, (1, 0, 2))), (Motif(3, (1, 2, 2)),)), ("conv_1x1", "skip_connect"))
MOTIFS = Motifs()


def test_motifs_are_boards_of_their_own():
    assert [board.name for board in MOTIFS.boards(CELL)] == ["cell", "motif 1", "motif 2"]
    assert MOTIFS.opens(CELL, arc(MOTIFS, CELL, 0, OUTPUT)) == "motif 2"
    assert MOTIFS.opens(CELL, arc(MOTIFS, CELL, 0, 1, "motif 1")) is None
    assert [choice.name for choice in MOTIFS.choices(CELL, ArcRef("cell", 0))] == ["motif 1", "motif 2"]
    assert [choice.label for choice in MOTIFS.choices(CELL, ArcRef("motif 1", 0))] == ["conv 1×1", "skip"]


def test_motif_edges_are_drawn_changed_and_removed():
    drawn = MOTIFS.connect(CELL, "motif 2", 0, OUTPUT, "skip_connect").architecture
    assert drawn.levels[0][1] == Motif(3, (1, 2, 2))
    chosen = MOTIFS.choose(CELL, [arc(MOTIFS, CELL, 0, 1)], "motif 2").architecture
    assert chosen.levels[1][0].edges == (2, 2, 2)
    assert MOTIFS.remove(CELL, [arc(MOTIFS, CELL, 0, 1)]).architecture.levels[1][0].edges == (0, 2, 2)
    with pytest.raises(Illegal, match="there is an edge 0 → 1 already"):
        MOTIFS.connect(CELL, "cell", 0, 1, "motif 1")
    with pytest.raises(Illegal, match="nothing leads there"):
        MOTIFS.connect(CELL, "cell", 1, 0, "motif 1")
    with pytest.raises(Illegal, match="only motif 1, motif 2"):
        MOTIFS.choose(CELL, [ArcRef("cell", 0)], "conv_1x1")


def test_nodes_of_a_motif_come_and_go():
    grown = MOTIFS.add(CELL, "motif 1")
    assert grown.architecture.levels[0][0] == Motif(4, (1, 0, 2, 0, 1, 0))
    assert grown.select == {SpotRef("motif 1", 2)}
    linked = MOTIFS.connect(grown.architecture, "motif 1", 2, 1, "conv_1x1")
    assert linked.now(SpotRef("motif 1", 1)) == SpotRef("motif 1", 2)
    assert all_faults(linked.architecture) == []
    assert MOTIFS.remove(CELL, [SpotRef("motif 1", 1)]).architecture.levels[0][0] == Motif(2, (2,))
    with pytest.raises(Illegal, match="the first and the last node"):
        MOTIFS.remove(CELL, [SpotRef("cell", 0), SpotRef("cell", OUTPUT)])
    assert len(pairs(4)) == 6


# -- trees

TREE = TreeCell(
    tuple(TreeNode("add", activation) for activation in ("tanh", "relu", "sigmoid")),
    TreeNode("elem_mult", "identity"),
    writes=1,
    reads=2,
)
TREES = Tree()


def test_a_tree_s_nodes_and_its_memory():
    changed = TREES.choose(TREE, [SpotRef("tree", 0), ArcRef("tree", 0)], "elem_mult relu").architecture
    assert changed.nodes[0] == changed.inject == TreeNode("elem_mult", "relu")
    assert TREES.connect(TREE, "tree", MEMORY, 0, None).architecture.reads == 0
    assert TREES.connect(TREE, "tree", 2, NEXT_MEMORY, None).architecture.writes == 2
    moved = TREES.rewire(TREE, arc(TREES, TREE, MEMORY, 2), MEMORY, 1).architecture
    assert (moved.reads, moved.inject) == (1, TREE.inject)
    with pytest.raises(Illegal, match="a tree's shape follows"):
        TREES.connect(TREE, "tree", 0, 1, None)
    with pytest.raises(Illegal, match="the memory is read there already"):
        TREES.connect(TREE, "tree", MEMORY, 2, None)


def test_a_tree_grows_and_shrinks_by_leaves():
    grown = TREES.add(TREE, "tree")
    assert grown.architecture.base == 3
    assert grown.now(SpotRef("tree", 2)) == SpotRef("tree", 3)
    assert (grown.architecture.reads, grown.architecture.writes) == (3, 1)
    assert all_faults(grown.architecture) == []
    shrunk = TREES.remove(grown.architecture, [SpotRef("tree", 2)]).architecture
    assert shrunk == TREE
    with pytest.raises(Illegal, match="at least two leaves"):
        TREES.remove(TREE, [SpotRef("tree", 0)])
    with pytest.raises(Illegal, match="only leaves can be removed"):
        TREES.remove(grown.architecture, [SpotRef("tree", 4)])
    with pytest.raises(Illegal, match="the memory is written at node 1"):
        TREES.remove(grown.architecture, [SpotRef("tree", 1)])
