"""The catalogue, favourites and shopping lists in the state: what is known of them and what changes it. No Kivy."""
