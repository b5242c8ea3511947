"""Pictures: from files to pixels, through a network, to vectors that are kept."""
