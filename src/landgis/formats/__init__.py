"""The doors, in and out: what bureaus really hand over."""
