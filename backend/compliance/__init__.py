"""What the law asks for: export and retention."""
