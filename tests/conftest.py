"""What holds for every test."""

from hypothesis import settings

# No deadline: the first call of a kernel compiles it. The same examples each time: a test must not fail by luck.
settings.register_profile("jari", deadline=None, derandomize=True)
settings.load_profile("jari")
