"""How the drawn people of `dpig.datasets.people` are made; numpy only."""
