"""Words with places for values become mails: in this process for the product's own words, in a limited
child for words somebody typed into the app."""
