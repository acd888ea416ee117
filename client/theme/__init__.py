"""The look. Colours and sizes are plain values in `palette` and `metrics`; `active` holds the theme Kivy sees."""
