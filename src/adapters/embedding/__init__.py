"""What a text means, as a vector: models that run here without torch, a hub or the network."""

from attrs import field, frozen


@frozen
class Endpoint:
    """Where vectors are had from instead."""

    url: str
    model: str
    dim: int
    key: str | None = field(default=None, repr=False)
