"""What the tests stand on: databases, the running app, the browser, the rules of the house."""
