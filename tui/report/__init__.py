"""A report on a memory as one HTML file, to read, to print and to hand on."""
