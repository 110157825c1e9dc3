"""What the machine must have for a configuration: tried before anything runs, all told at once."""

import asyncio
import errno
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from config.model import Settings
from switch import blueprint
from switch.control import is_answering
from switch.http import HttpError, bind_pages
from switch.transport.layer import ListenError, TransportLayer


class EnvironmentFault(Exception):  # noqa: N818 - a fault of the machine's, not of the program's
    """The machine refuses what the configuration asks for; one line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def make_folder(folder: Path) -> list[str]:
    """Make the data folder; tell why it cannot be written to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        return [f"data_dir {folder}: {error.strerror}; name a folder that can be written to"]
    return _folder_faults(folder)


def media_faults(settings: Settings) -> list[str]:
    """Tell which of the media relay's addresses this machine does not have, and what it lacks."""
    media = settings.media
    faults = [
        f"media {host}: {fault}; change [media] {key}"
        for key, host in (("address", media.address), ("ipv6", media.ipv6))
        if host is not None and (fault := _address_fault(host)) is not None
    ]
    if media.prompts is not None and not media.prompts.is_dir():
        faults.append(f"prompts {media.prompts}: is no folder; change [media] prompts")
    return faults


def try_out(settings: Settings) -> list[str]:
    """Tell everything that would keep the switch from starting, and leave no trace.

    While a switch runs on the same data folder its ports are taken, by itself: they are not tried.
    """
    folder = settings.server.data_dir
    faults = _folder_faults(_nearest(folder)) + media_faults(settings)
    if is_answering(folder):
        return faults
    transports = TransportLayer(blueprint.transport_settings(settings))
    try:
        transports.bind()
        asyncio.run(transports.close())
    except ListenError as error:
        faults += error.faults
    try:
        if settings.http.enabled:
            bind_pages(settings.http.host, settings.http.port).close()
    except HttpError as error:
        faults.append(str(error))
    return faults


def _nearest(folder: Path) -> Path:
    """Find the folder itself, or the one in which it would be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _folder_faults(folder: Path) -> list[str]:
    if not folder.is_dir():
        return [f"data_dir {folder}: is no folder; name a folder that can be written to"]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [f"data_dir {folder}: not writable; give it to the switch's user"]
    return []


def _address_fault(host: str) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            return "this machine does not have that address"
        return error.strerror or str(error)
    return None
