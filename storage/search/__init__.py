"""The question box: full text and meaning together, over an index that can be thrown away."""
