"""What holds for every test."""

import signal

from hypothesis import settings

# No deadline: the first call of a kernel compiles it. The same examples each time: a test must not fail by luck.
settings.register_profile("jari", deadline=None, derandomize=True)
settings.load_profile("jari")

# A shell's background jobs ignore Ctrl-C, and so would the processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
