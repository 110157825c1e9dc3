"""What a test tells a softphone's process, and what it hears from it: a JSON object a line."""

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """Whose phone it is, and how it reaches the switch."""

    user: str
    password: str
    host: str
    port: int
    transport: str = "udp"
    local: str = "127.0.0.1"
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    authority: str = ""
    """The PEM file of whoever may sign the switch's certificate (TLS)."""
    registers: bool = True
    local_port: int = 0
    rings_for: int = 0
    """Seconds after which it gives up ringing by itself; 0: never. Baresip only."""
    claims: str = ""
    """The user that its From names, when it is not its own. Pjsua only."""

    @property
    def server(self) -> str:
        """The switch as a URI's host part."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def uri(self, number: str) -> str:
        """Address a number at the switch."""
        if number.startswith("sip:"):
            return number
        parameter = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:{number}@{self.server}{parameter}"


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """Do something: `do` names the method of the phone."""

    number: int
    do: str
    text: str = ""
    amount: float = 0.0


class Word(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something happened: `done` and `failed` answer an order, all else comes by itself."""

    what: str
    number: int = 0
    text: str = ""
    status: int = 0
    received: int = 0
    lost: int = 0
