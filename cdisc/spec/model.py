"""The base of every model: closed and frozen."""

from pydantic import BaseModel, ConfigDict


class SpecModel(BaseModel):
    """A part of a mapping file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
