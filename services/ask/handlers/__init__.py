"""What is done for each kind of intent: thin calls of the services that the pages call, told in blocks."""
