"""How good the decline alarm is: a simulated portfolio, the product's own code, thresholds set beforehand."""
