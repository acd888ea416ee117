"""Reading and deciding consents over HTTP (docs/product.md P3); `backend.users.consents` keeps them."""
