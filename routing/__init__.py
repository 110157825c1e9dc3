"""Pure routing: who is called, who may call, and why."""
