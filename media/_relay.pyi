"""Types of the native packet path."""

from media.packet_path import PacketPath

class NativePath(PacketPath):
    """Carry packets by a thread of its own."""

    def __init__(self, capacity: int) -> None: ...
