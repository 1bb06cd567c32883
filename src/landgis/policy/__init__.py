"""Rules as data: a small three-valued language and the folders written in it."""
