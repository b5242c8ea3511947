"""Learners: each makes an `Embedding`. One a module, imported from there or from `jari`, with kernels of its own."""
