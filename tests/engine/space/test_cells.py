from engine.space.cells import MOST_NODES, Cell, Edge, Node, changes, faults, state_name
from engine.space.operations import DARTS_OPERATIONS, KINDS, OPERATIONS, label


def node(*inputs: tuple[int, str]) -> Node:
    return Node(tuple(Edge(source, operation) for source, operation in inputs))


SOUND = Cell(
    nodes=(node((0, "skip_connect"), (1, "sep_conv_3x3")), node((2, "none"), (0, "max_pool_3x3"))), concat=(2, 3)
)


def test_every_operation_has_a_kind_that_has_a_colour_and_a_label_of_its_own():
    assert {operation.kind for operation in OPERATIONS.values()} <= set(KINDS)
    assert len({operation.label for operation in OPERATIONS.values()}) == len(OPERATIONS)
    assert all(name == operation.name for name, operation in OPERATIONS.items())
    assert len(DARTS_OPERATIONS) == 8
    assert set(DARTS_OPERATIONS) <= set(OPERATIONS)


def test_an_operation_that_nobody_knows_is_called_by_its_name():
    assert label("sep_conv_3x3") == "sep 3×3"
    assert label("winograd") == "winograd"


def test_states_are_called_as_pictures_call_them():
    assert [state_name(state) for state in range(4)] == ["k−2", "k−1", "0", "1"]
    assert [state_name(state, inputs=1) for state in range(2)] == ["k−1", "0"]


def test_a_sound_cell_has_no_faults():
    assert faults(SOUND) == []
    published = Cell(nodes=(node((0, "avg_pool_3x3"), (0, "avg_pool_3x3")),), concat=(0, 2))
    assert faults(published) == []  # NASNet: the same input twice, and a cell input in the output


def test_each_fault_is_named_with_its_place():
    cell = Cell(
        nodes=(node((0, "sep_conv_3x4"), (2, "skip_connect")), node(), node((-1, "none"), (1, "none"))),
        concat=(2, 2, 5),
    )
    found = faults(cell)
    assert len(found) == 5
    assert found[0].startswith("node 0, input 1: unknown operation 'sep_conv_3x4'; did you mean sep_conv_3x3")
    assert found[1] == "node 0, input 2: there is no state 2 before it, only 0 to 1"
    assert found[2] == "node 2, input 1: there is no state -1 before it, only 0 to 3"
    assert found[3] == "the output names state 2 more than once"
    assert found[4] == "the output names state 5, and there are only 0 to 4"


def test_empty_and_enormous_cells_are_faulty():
    assert faults(Cell(nodes=(), concat=())) == ["the cell has no nodes", "the output concatenates no state"]
    one = node((0, "none"))
    assert faults(Cell(nodes=(one,) * (MOST_NODES + 1), concat=(2,))) == ["65 nodes; cells of up to 64 are understood"]
    for inputs in (0, -1, 10**12):
        assert faults(Cell(nodes=(one,), concat=(0,), inputs=inputs)) == [f"a cell has 1 to 64 inputs, not {inputs}"]


def test_changes_are_told_in_words():
    def changed(index: int, other: Node) -> list[str]:
        return changes(SOUND.nodes[index], other, SOUND.inputs)

    assert changed(0, SOUND.nodes[0]) == []
    assert changed(0, node((0, "skip_connect"), (1, "dil_conv_5x5"))) == ["sep 3×3 → dil 5×5"]
    assert changed(1, node((1, "none"), (0, "max_pool_3x3"))) == ["input 0 → k−1"]
    assert changed(1, node((0, "max_pool_3x3"), (2, "none"))) == []  # another order is no change
    assert changed(1, node((1, "skip_connect"), (0, "max_pool_3x3"))) == ["none from 0 → skip from k−1"]
    assert changed(1, node((0, "max_pool_3x3"))) == ["none from 0 → nothing"]
