"""The words all rooms share: tables and columns, coordinate systems, units, errors, whole files."""
