"""HTTP conventions shared by all blueprints: problems, access, limits, versions, pages, OpenAPI."""
