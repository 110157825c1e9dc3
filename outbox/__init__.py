"""What is sent to the world and may not be lost: mail, in rows that a worker sends."""
