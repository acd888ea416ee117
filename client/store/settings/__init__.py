"""How this device shows the app, and which server it talks to."""
