"""YAML as the texts that were typed: ``NO`` is not false, ``010`` is not 8.

What is read is text, lists and mappings; nothing is resolved, so nothing is asked of each
value, and nothing can be made of it.
"""

from typing import Any

import yaml

_Base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same values, only sooner


class PlainLoader(_Base):  # type: ignore[misc]  # of either kind
    """Composes nodes without tags: every scalar is text, whatever it looks like."""

    def descend_resolver(self, _parent: object, _index: object) -> None:
        """Ask nothing of what is below a node."""

    def ascend_resolver(self) -> None:
        """Have nothing to take back."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> str:
        """Return the tag of every node."""
        return ""


def read_plain(text: str) -> Any:
    r"""Return what YAML says: texts, lists and mappings; None if it says nothing.

    For files that the program carries: of a key that is written twice the last one counts.

    Raises:
        yaml.YAMLError: It is not YAML.

    Example:
        >>> read_plain("- NO\n- {a: 010}\n")
        ['NO', {'a': '010'}]
    """
    root = yaml.compose(text, Loader=PlainLoader)
    return None if root is None else _value(root)


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(one) for one in node.value]
    return {key.value: _value(one) for key, one in node.value}
