"""The base of every model: closed and frozen."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Names of variables, and what becomes one: at most 8 characters, as transport files hold.
Name = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,7}$")]


class SpecModel(BaseModel):
    """A part of a mapping file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
