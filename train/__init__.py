"""The training loop, the published recipes and the scripts that use them."""
