"""Products with a Hessian, and its dominant eigenvalue, against closed forms and whole matrices."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.search.curvature import LEAST, central, dominant, exact


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def quadratic(eigenvalues: list[float]) -> tuple[list[Tensor], Tensor, object]:
    """Two variables, a matrix with these eigenvalues, and x·Ax/2 + b·x of both together."""
    size = len(eigenvalues)
    basis = torch.linalg.qr(torch.randn(size, size, generator=generator(), dtype=torch.float64)).Q
    matrix = basis @ torch.tensor(eigenvalues, dtype=torch.float64).diag() @ basis.T
    slope = torch.randn(size, generator=generator(1), dtype=torch.float64)
    variables = [
        torch.randn(2, 2, dtype=torch.float64).requires_grad_(),
        torch.randn(size - 4).double().requires_grad_(),
    ]

    def loss() -> Tensor:
        x = torch.cat([variable.flatten() for variable in variables])
        return x @ matrix @ x / 2 + slope @ x

    return variables, matrix, loss


@pytest.mark.parametrize("products", [exact, central])
def test_products_are_those_of_a_quadratics_matrix(products):
    variables, matrix, loss = quadratic([3.0, -1.0, 0.5, 0.2, 0.1, 0.0])
    for seed in range(3):
        vector = torch.randn(6, generator=generator(seed), dtype=torch.float64)
        torch.testing.assert_close(products(loss, variables)(vector), matrix @ vector, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("eigenvalues", [[5.0, 2.0, 1.0, 0.5, 0.1, 0.0], [-4.0, 2.0, 1.0, 0.5, 0.1, 0.0]])
def test_the_dominant_eigenvalue_has_the_largest_magnitude_and_keeps_its_sign(eigenvalues):
    variables, matrix, loss = quadratic(eigenvalues)
    value, vector = dominant(exact(loss, variables), torch.randn(6, generator=generator(), dtype=torch.float64), 6)
    assert value == pytest.approx(eigenvalues[0], rel=1e-12)
    torch.testing.assert_close(matrix @ vector, value * vector, rtol=1e-8, atol=1e-8)
    assert float(vector.norm()) == pytest.approx(1)


def test_eigenvalues_of_like_magnitude_and_unlike_sign_are_told_apart():
    diagonal = torch.tensor([-1.01, 1.0, *torch.linspace(-0.6, 0.6, 60).tolist()], dtype=torch.float64)
    start = torch.randn(62, generator=generator(), dtype=torch.float64)
    assert dominant(lambda vector: diagonal * vector, start, 20)[0] == pytest.approx(-1.01, rel=1e-3)


def test_the_iteration_ends_where_the_vector_is_good_enough():
    diagonal = torch.cat([torch.tensor([9.0]), torch.linspace(0, 4, 60)])
    taken = []

    def product(vector: Tensor) -> Tensor:
        taken.append(vector)
        return diagonal * vector

    start = torch.randn(61, generator=generator())
    value, vector = dominant(product, start, 50, 0.1)
    assert value == pytest.approx(9, rel=0.01)
    assert float((diagonal * vector - value * vector).norm()) <= 0.1 * value
    assert len(taken) == LEAST
    taken.clear()
    dominant(product, start, 3)
    assert len(taken) == 3


def test_what_cannot_be_measured_is_told_by_its_value():
    start = torch.tensor([1.0, 1.0])
    assert dominant(torch.zeros_like, start, 5)[0] == 0
    value, vector = dominant(lambda vector: vector * math.nan, start, 5)
    assert math.isnan(value)
    torch.testing.assert_close(vector, start)


class TestNetwork:
    """A small smooth network: the mixture weights of two layers are its variables."""

    @pytest.fixture
    def network(self):
        torch.manual_seed(0)
        layers = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3)).double()
        images = torch.randn(12, 5, dtype=torch.float64, generator=generator())
        labels = torch.randint(3, (12,), generator=generator())
        shares = [torch.randn(2, 3, dtype=torch.float64).requires_grad_(), torch.randn(4).double().requires_grad_()]

        def loss() -> Tensor:
            first, second = shares[0].softmax(1), shares[1].softmax(0)
            x = images * first[0, 0] + images.sin() * first[1, 1] + images.cos() * first[0, 2] * second[0]
            return F.cross_entropy(layers(x) * (1 + second[3]), labels)

        whole = torch.autograd.functional.hessian(
            lambda x: _replaced(loss, shares, x), torch.cat([share.detach().flatten() for share in shares])
        )
        return loss, shares, whole

    def test_products_build_the_whole_hessian(self, network):
        loss, shares, whole = network
        product = exact(loss, shares)
        built = torch.stack([product(row) for row in torch.eye(10, dtype=torch.float64)])
        torch.testing.assert_close(built, whole, rtol=1e-9, atol=1e-12)

    def test_the_eigenvalue_is_that_of_the_whole_hessian(self, network):
        loss, shares, whole = network
        values = torch.linalg.eigvalsh(whole)
        largest = float(values[values.abs().argmax()])
        start = torch.randn(10, generator=generator(), dtype=torch.float64)
        for product in (exact(loss, shares), central(loss, shares, 1e-4)):
            assert dominant(product, start, 10)[0] == pytest.approx(largest, rel=1e-6)

    def test_central_differences_err_by_the_square_of_their_step(self, network):
        loss, shares, whole = network
        vector = torch.randn(10, generator=generator(), dtype=torch.float64)
        far, near = (float((central(loss, shares, apart)(vector) - whole @ vector).norm()) for apart in (0.2, 0.1))
        assert far / near == pytest.approx(4, rel=0.02)

    def test_central_differences_put_the_variables_back_to_the_bit(self, network):
        loss, shares, _ = network
        before = [share.detach().clone() for share in shares]
        central(loss, shares)(torch.randn(10, generator=generator(), dtype=torch.float64))
        assert all(torch.equal(share, old) for share, old in zip(shares, before, strict=True))


def _replaced(loss, shares, x: Tensor) -> Tensor:
    """The loss with other tensors in place of the shares."""
    kept = list(shares)
    shares[0], shares[1] = x[:6].view(2, 3), x[6:]
    try:
        return loss()
    finally:
        shares[:] = kept
