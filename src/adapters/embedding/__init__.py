"""What a text means, as a vector: models that run here without torch, a hub or the network."""
