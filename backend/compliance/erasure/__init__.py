"""Erasing somebody: asked for, waited for, walked through the register, signed for (docs/product.md P2)."""
