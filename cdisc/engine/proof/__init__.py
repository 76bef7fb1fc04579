"""What can be known of a study before its data: lines that do nothing, or not what they say.

A proof looks at a resolved `Program` and gives warnings. It says only what holds for all
data that the language admits: a branch that it calls unreachable is.
"""

from cdisc.engine.proof.prove import SAID_AGAIN, prove

__all__ = ["SAID_AGAIN", "prove"]
