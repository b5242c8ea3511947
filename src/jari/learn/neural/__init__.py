"""Learners that need PyTorch to learn, from the extra ``torch``. What they have learnt is asked without it."""
