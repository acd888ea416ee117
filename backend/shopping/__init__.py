"""Shopping lists: one for each user, which a group may share (docs/product.md M3)."""
