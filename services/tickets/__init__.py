"""Support tickets: taken in from desks, weighed, and followed up once they are solved."""
