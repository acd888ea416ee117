"""Every screen of the app: one line each. Modules are imported late: a phone must not read them all to show the first.

What the state calls for by itself is in `client.screens.routing`; the others are opened by their name, see
`AppScreen.on_open`.
"""

from __future__ import annotations

# The screen's name: its module in `client.screens`, and its class there.
SCREENS: dict[str, tuple[str, str]] = {
    "restoring": ("restoring", "RestoringScreen"),
    "welcome": ("welcome", "WelcomeScreen"),
    "home": ("home", "HomeScreen"),
    "groups": ("groups", "GroupsScreen"),
    "me": ("me", "MeScreen"),
    "settings": ("settings", "SettingsScreen"),
    "claim": ("claim", "ClaimScreen"),
    "preferences": ("preferences", "PreferencesScreen"),
    "account": ("account", "AccountScreen"),
    "lobby": ("lobby", "LobbyScreen"),
    "swipe": ("swipe", "SwipeScreen"),
    "match": ("match", "MatchScreen"),
    "closest": ("closest", "ClosestScreen"),
    "ended": ("ended", "EndedScreen"),
    "browse": ("browse", "BrowseScreen"),
    "recipe": ("recipe", "RecipeScreen"),
    "restaurant": ("restaurant", "RestaurantScreen"),
    "favourites": ("favourites", "FavouritesScreen"),
    "shopping": ("shopping", "ShoppingScreen"),
    "history": ("history", "HistoryScreen"),
    "history_entry": ("history_entry", "HistoryEntryScreen"),
    "notifications": ("notifications", "NotificationsScreen"),
    "notification_settings": ("notification_settings", "NotificationSettingsScreen"),
    "group": ("group", "GroupScreen"),
    "group_history": ("group_history", "GroupHistoryScreen"),
    "profile": ("profile", "ProfileScreen"),
    "privacy": ("privacy", "PrivacyScreen"),
    "privacy_record": ("privacy_record", "PrivacyRecordScreen"),
}
