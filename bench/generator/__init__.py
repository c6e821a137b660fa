"""Invented attendance of any size, with the truth about every row.

The same options give the same bytes on every machine: all chance comes from one stream of
`random.Random(seed).random()`, and no order of a set or a hash is ever used.
"""
