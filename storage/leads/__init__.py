"""Suspicions about a memory, found by general rules: a module a rule."""
