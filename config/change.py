"""What a changed configuration changes: some of it at once, the rest at the next start."""

from config.model import Settings
from provisioning.field import Section

LIVE = frozenset({"contracts", "trunks", "routes"})
"""The tables that a reload takes; certificates are read again from the files that are named."""


def needing_restart(running: Settings, fresh: Settings) -> list[str]:
    """Name each setting that differs and that only a restart takes."""
    found: list[str] = []
    for name, field in Settings.model_fields.items():
        old, new = getattr(running, name), getattr(fresh, name)
        if name in LIVE or old == new:
            continue
        written = field.alias or name
        if isinstance(old, Section):
            found += [
                f"{written}.{key}"
                for key in type(old).model_fields
                if getattr(old, key) != getattr(new, key)
            ]
        else:
            found.append(written)
    return found
