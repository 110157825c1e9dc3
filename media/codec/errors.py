"""What can be wrong with a codec: one typed error for each side."""


class MalformedPayload(ValueError):  # noqa: N818 - it names the payload, as the RFCs do
    """Octets from the network are no payload of the codec."""


class UnknownCodecError(ValueError):
    """The encoding is not among those that terminate, or its library is missing."""
