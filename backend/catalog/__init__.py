"""The catalogue: recipes and restaurants, their pictures, and how they become cards."""
