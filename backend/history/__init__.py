"""One's own history: what one's sessions decided, with a rating and a note of one's own (docs/product.md M4)."""
