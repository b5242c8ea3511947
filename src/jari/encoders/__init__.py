"""Deep encoders: from texts and pictures to vectors, by networks that others, or the user, have trained.

Below ``learn`` and ``search``, which both take them: the one distils and fine-tunes, the other encodes documents.
"""
