"""One module and one `.kv` per screen. A screen shows a part of the store's state and calls commands, nothing else."""
