"""What `EntityEmbedder` is made of: columns as numbers, the network, and what is left of it once it is learnt."""
