"""What is answered, one file a subject; each has a `router`."""
