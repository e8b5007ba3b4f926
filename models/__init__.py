"""Networks and losses, one paper a file; keras.ops only."""
