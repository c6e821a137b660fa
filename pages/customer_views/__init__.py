"""The views of the Customer page, one module each: `draw(viewer, head, number)`."""
