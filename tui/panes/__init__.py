"""What the program shows: one pane for each kind of thing that a memory holds."""
