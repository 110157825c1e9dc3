"""The tests: unit, scenario, shell, torture and interop, and the fakes that they share."""
