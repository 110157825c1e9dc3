"""The four transaction machines of RFC 3261 section 17 and the layer that owns them."""
