import pytest
from msgspec.structs import replace

from engine.space import Space, library
from engine.space.amoebanet import AmoebaNetSpace
from engine.space.architecture import CellArchitecture, all_faults
from engine.space.bounded_parsing import NotationError
from engine.space.cell_space import CellSpace
from engine.space.cells import Cell, Edge, Node
from engine.space.counts import PUBLISHED, LanguageModel, count, published_frame
from engine.space.darts import DartsSpace
from engine.space.darts_recurrent import DartsRecurrentSpace
from engine.space.decisions import OutsideSpace
from engine.space.enas_macro import EnasMacroSpace
from engine.space.enas_micro import EnasMicroSpace
from engine.space.enas_recurrent import EnasRecurrentSpace
from engine.space.former import FORMER
from engine.space.library import Published, cells
from engine.space.nao import NAO_SMALL, NaoSpace
from engine.space.nasnet import NasnetSpace
from engine.space.notations import holds_one, read, write
from engine.space.pnas import PnasSpace
from tests.data.published import GENOTYPES

NAMES = {
    *(
        "NASNet-A",
        "AmoebaNet-A",
        "AmoebaNet-B",
        "PNASNet-5",
        "ENAS micro",
        "NAONet-A",
        "NAONet-B",
        "DARTS V1",
        "DARTS V2",
    ),
    *("ENAS macro", "DARTS RNN V1", "DARTS RNN V2", "ENAS RNN"),
    *("SNAS mild", "SNAS moderate", "SNAS aggressive", "P-DARTS", "PC-DARTS", "PC-DARTS (ImageNet)", "GDAS"),
}


def named(name: str) -> Published:
    return next(published for published in cells() if published.name == name)


def test_all_published_cells_are_there_and_sound():
    names = [published.name for published in cells()]
    assert set(names) >= NAMES
    assert len(set(names)) == len(names)
    for published in cells():
        assert not all_faults(published.architecture)
        assert published.source[-4:].isdigit()
        assert not published.notes or published.notes.endswith(".")
        assert published.error is None or 0 < published.error < 100
        assert read(write(published.architecture)) == published.architecture


def test_only_few_lack_a_number():
    assert [one.name for one in cells() if None in (one.error, one.parameters)] == ["GDAS"]
    assert [one.name for one in cells() if one.gpu_days is None] == ["GDAS", "DARTS RNN V1", "DARTS RNN V2"]


def test_counts_are_those_that_the_notes_say():
    macro = named("ENAS macro").architecture
    assert f"{count(macro, published_frame(macro)).params / 1e6:.1f} million" in named("ENAS macro").notes
    for name, hidden in (("DARTS RNN V1", 850), ("DARTS RNN V2", 850), ("ENAS RNN", 800)):
        params = count(named(name).architecture, LanguageModel(hidden=hidden)).params
        assert f"{params / 1e6:.2f} million" in named(name).notes
    for name, kind, channels, layers in (
        ("AmoebaNet-A", "cifar", 36, 20),
        ("AmoebaNet-A", "cifar", 32, 20),
        ("AmoebaNet-A", "imagenet", 50, 14),
        ("AmoebaNet-B", "cifar", 36, 20),
        ("AmoebaNet-B", "imagenet", 62, 11),
        ("PNASNet-5", "cifar", 48, 9),
        ("ENAS micro", "cifar", 36, 17),
        ("NAONet-A", "cifar", 36, 20),
        ("NAONet-B", "cifar", 36, 20),
    ):
        frame = replace(PUBLISHED[kind], channels=channels, layers=layers)
        assert f"{count(named(name).architecture, frame).params:,}" in named(name).notes


def test_architectures_are_found_by_name_in_any_case_and_no_name_is_a_notation():
    for one in cells():
        assert not holds_one(one.name)
        for name in (one.name, one.name.lower(), f" {one.name.upper()} "):
            assert library.architecture(name) == one.architecture, name
    assert library.architecture(named("NAONet-B").notation) == named("NAONet-B").architecture


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("amoebanet", "'amoebanet' is neither a notation nor .*; did you mean AmoebaNet-A, AmoebaNet-B or "),
        ("DARTS_V2", "did you mean DARTS V1, DARTS V2 or "),
        ("completely else", "; there are NASNet-A, AmoebaNet-A, "),
        ("x" * 5_000, f"'{'x' * 40}' is neither"),
        ("x" * 50_000, f"'{'x' * 40}' is neither"),
    ],
)
def test_an_unknown_name_is_one_line_with_those_that_are_close(name: str, reason: str):
    with pytest.raises(NotationError, match=reason) as caught:
        library.architecture(name)
    assert "\n" not in str(caught.value)


def test_a_name_that_two_have_in_other_letters_is_asked_for_exactly(monkeypatch: pytest.MonkeyPatch):
    twins = (replace(named("GDAS"), name="Twin"), replace(named("P-DARTS"), name="TWIN"))
    monkeypatch.setattr("engine.space.library.cells", lambda: twins)
    assert library.published("TWIN") == twins[1]
    with pytest.raises(NotationError, match="'twin' could be Twin or TWIN; write it exactly so"):
        library.published("twin")


NASNETS = {"skip_connect": "skip_nasnet", "conv_7x1_1x7": "bottleneck_conv_7x1_1x7"}
OWN = {
    **dict.fromkeys(("NASNet-A", "AmoebaNet-A", "PNASNet-5"), NASNETS),
    "ENAS micro": {"skip_connect": "skip_enas"},
}
"""Operations of other authors' code, which genotypes in circulation call by the names of those of DARTS."""


def renamed(architecture: CellArchitecture, names: dict[str, str]) -> CellArchitecture:
    def cell(old: Cell) -> Cell:
        nodes = (
            Node(tuple(Edge(edge.source, names.get(edge.operation, edge.operation)) for edge in node.inputs))
            for node in old.nodes
        )
        return Cell(tuple(nodes), old.concat)

    return CellArchitecture(normal=cell(architecture.normal), reduction=cell(architecture.reduction))


def test_the_cells_are_the_authors():
    translated = {
        "NASNet-A": "NASNet_A_as_in_TF_slim",
        "AmoebaNet-A": "AmoebaNet_A_as_in_TF_tpu",
        "PNASNet-5": "PNASNet-5_Large_pytorch",
        "DARTS V1": "DARTS_V1",
        "DARTS V2": "DARTS_V2",
        "SNAS mild": "SNAS_mild_edge_all",
        "SNAS moderate": "SNAS_moderate_edge_all",
        "SNAS aggressive": "SNAS_aggressive_edge_all",
        "P-DARTS": "PDARTS",
        "PC-DARTS": "PC_DARTS_cifar",
        "PC-DARTS (ImageNet)": "PC_DARTS_image",
        "GDAS": "GDAS_V1",
        "ENAS micro": "ENAS_micro_translated",
    }
    for name, key in translated.items():
        assert named(name).architecture == renamed(read(GENOTYPES["cnn"][key]), OWN.get(name, {})), name
    for name, key in (("DARTS RNN V1", "RNN_DARTS_V1"), ("DARTS RNN V2", "RNN_DARTS_V2")):
        assert named(name).architecture == read(GENOTYPES["rnn"][key]), name
    same = EnasRecurrentSpace().canonical
    assert same(named("ENAS RNN").architecture) == same(read(GENOTYPES["rnn"]["RNN_ENAS"]))
    for name in ("NAONet-A", "NAONet-B", "ENAS micro"):
        assert named(name).architecture == read(GENOTYPES["sequences"][name]), name


@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("PNASNet-5", PnasSpace()),
        ("ENAS micro", EnasMicroSpace()),
        ("NAONet-A", NaoSpace()),
        ("NAONet-B", NaoSpace(operations=NAO_SMALL)),
        ("DARTS V1", DartsSpace()),
        ("DARTS V2", DartsSpace()),
        ("P-DARTS", DartsSpace()),
        ("PC-DARTS", DartsSpace()),
        ("PC-DARTS (ImageNet)", DartsSpace()),
        ("GDAS", DartsSpace()),
        ("ENAS macro", EnasMacroSpace(layers=24)),
        ("DARTS RNN V1", DartsRecurrentSpace()),
        ("DARTS RNN V2", DartsRecurrentSpace()),
        ("ENAS RNN", EnasRecurrentSpace()),
    ],
)
def test_a_cell_lies_in_the_space_it_was_found_in(name: str, space: Space):
    architecture = named(name).architecture
    decisions = space.encode(architecture)
    assert space.canonical(space.decode(decisions)) == space.canonical(architecture)
    if not isinstance(space, CellSpace) or space.pairing == "ordered":
        assert space.decode(decisions) == architecture


@pytest.mark.parametrize(
    ("name", "space", "reason"),
    [
        ("NASNet-A", NasnetSpace(), r"normal cell: its output concatenates \[0, 2, .*\], not its loose nodes, \[2, "),
        ("AmoebaNet-A", AmoebaNetSpace(), r"normal cell: its output concatenates \[0, 3, .*\], not its loose nodes"),
        ("AmoebaNet-B", AmoebaNetSpace(), "normal node 0: operation 'conv_1x1' is not one the space decides on"),
        ("AmoebaNet-B", NasnetSpace(), r"normal cell: its output concatenates \[1, 3, 4, 6\]"),
        ("PNASNet-5", PnasSpace(operations=FORMER["pnas"]), "operation 'skip_nasnet' is not one the space decides on"),
        ("SNAS mild", DartsSpace(), "normal node 1: operation 'none' is not one the space decides on"),
        ("DARTS V2", PnasSpace(), "one cell for both strides, and here normal and reduction cell differ"),
    ],
)  # fmt: skip
def test_a_cell_outside_is_refused_with_the_reason(name: str, space: CellSpace, reason: str):
    with pytest.raises(OutsideSpace, match=reason):
        space.encode(named(name).architecture)


def test_the_nasnet_a_in_circulation_lies_in_the_space_and_the_authors_own_does_not():
    """Real networks have one input more in the output of the normal cell, and one node more in the reduction cell's."""
    architecture = named("NASNet-A").architecture
    assert isinstance(architecture, CellArchitecture)
    normal = Cell(architecture.normal.nodes, (2, 3, 4, 5, 6))
    reduction = Cell(architecture.reduction.nodes, (4, 5, 6))
    NasnetSpace().encode(CellArchitecture(normal=normal, reduction=reduction))
    with pytest.raises(OutsideSpace, match=r"reduction cell: its output concatenates \[3, 4, 5, 6\]"):
        NasnetSpace().encode(CellArchitecture(normal=normal, reduction=architecture.reduction))


def test_amoebanet_cells_follow_from_the_authors_tables():
    """The tables of tensorflow/tpu, where index 0 is the newest input: operations, indices, and 1 for a used state."""
    names = {
        "none": "skip_nasnet", "avg": "avg_pool_3x3", "max": "max_pool_3x3", "max2": "max_pool_2x2",
        "1x1": "conv_1x1", "3x3": "bottleneck_conv_3x3", "1x7": "bottleneck_conv_7x1_1x7", "dil5": "dil_sep_conv_5x5",
        **{f"sep{k}": f"sep_conv_{k}x{k}" for k in (3, 5, 7)},
    }  # fmt: skip

    def cell(operations: str, indices: str, used: str) -> Cell:
        state = [1, 0, 2, 3, 4, 5, 6]
        edges = [
            Edge(state[int(i)], names[op]) for op, i in zip(operations.split(","), indices.split(","), strict=True)
        ]
        loose = sorted(state[i] for i, flag in enumerate(used.split(",")) if flag == "0")
        return Cell(tuple(Node(tuple(edges[at : at + 2])) for at in range(0, 10, 2)), tuple(loose))

    assert named("AmoebaNet-A").architecture == CellArchitecture(
        normal=cell("avg,max,sep3,none,none,avg,sep3,sep5,avg,sep3", "0,0,1,1,0,1,0,2,5,0", "1,0,1,0,0,1,0"),
        reduction=cell("sep3,avg,max,sep7,max,max,sep3,1x7,avg,sep7", "1,0,0,2,1,0,4,0,1,0", "1,1,0,0,0,0,0"),
    )
    assert named("AmoebaNet-B").architecture == CellArchitecture(
        normal=cell("1x1,max,none,sep3,1x1,sep3,1x1,none,avg,1x1", "1,1,1,0,1,0,2,2,1,5", "0,1,1,0,0,1,0"),
        reduction=cell("max2,max,none,3x3,dil5,max,none,sep3,avg,1x1", "0,0,2,1,2,2,3,1,4,3", "1,1,1,1,1,0,0"),
    )
