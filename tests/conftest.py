"""What all tests share: examples of Hypothesis that are the same in every run."""

from hypothesis import settings

# A busy machine is no failure, and a run must be repeatable.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
