"""World models as a person looks at them: points in time, differences, a graph, evidence, edits."""
