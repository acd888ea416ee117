"""How DinDin is run: on one machine for trying out and for tests (`deploy.local`), and in production."""
