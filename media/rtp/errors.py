"""What can be wrong with a media packet (RFC 3550, RFC 4733): one typed error for every parser."""


class MalformedPacket(ValueError):  # noqa: N818 - it names the packet, as the RFCs do
    """Octets from the network, or values to be built, break a rule of the packet's format."""
