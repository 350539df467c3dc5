"""The screen with the panes, and the dialogs over it."""
