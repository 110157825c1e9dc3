"""What stands before the switch: limits, challenges and whose digest goes to whom."""
