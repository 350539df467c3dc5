"""Widgets that know nothing of memories: a table, a tree, a text, tabs, a line of keys."""
