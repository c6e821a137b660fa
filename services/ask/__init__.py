"""The page Ask: commands in plain words, carried out by the services that the other pages call.

No language model is asked. `grammar` tells what is wanted, `names` who is meant, `handlers` do it,
`conversation` keeps what was said.
"""
