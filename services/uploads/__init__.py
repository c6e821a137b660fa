"""Files in: received, previewed row by row, committed in one transaction, and taken back.

An upload keeps its original bytes and its staged rows. What is stored about who attended what is
always the fold of the committed uploads in order, so taking one back means folding the others again.
"""
