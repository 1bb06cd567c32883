"""One module per question a planner asks; each takes tables and gives tables."""
