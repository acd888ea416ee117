"""The client's state and the one way it changes: commands -> actions -> reducer -> listeners. No Kivy."""
