"""Effects to rows and back: what each thing that is kept looks like in the database."""

import json
from collections.abc import Mapping

import msgspec

from switch.effect import WriteBinding, WriteBlock, WriteCdr
from switch.sip.flow import Address, Flow, Transport

Value = str | int | float | None
Row = dict[str, Value]

CDR_FIELDS = tuple(WriteCdr.__struct_fields__)


def cdr_row(cdr: WriteCdr) -> Row:
    """Lay a record out as its row."""
    return msgspec.structs.asdict(cdr)


def read_cdr(row: Mapping[str, object]) -> WriteCdr:
    """Read a record back from its row."""
    return msgspec.convert({name: row[name] for name in CDR_FIELDS}, WriteCdr)


def binding_row(binding: WriteBinding) -> Row:
    """Lay a binding out as its row."""
    flow = binding.flow
    return {
        "device": binding.device,
        "contact": binding.contact,
        "path": json.dumps(binding.path),
        "transport": flow.transport.value,
        "local_host": flow.local.host,
        "local_port": flow.local.port,
        "remote_host": flow.remote.host,
        "remote_port": flow.remote.port,
        "connection": flow.connection,
        "call_id": binding.call_id,
        "cseq": binding.cseq,
        "expires_at": binding.expires_at,
        "instance": binding.instance,
        "user_agent": binding.user_agent,
        "registered_at": binding.registered_at,
    }


class _BindingRow(msgspec.Struct):
    device: str
    contact: str
    path: str
    transport: Transport
    local_host: str
    local_port: int
    remote_host: str
    remote_port: int
    connection: int
    call_id: str
    cseq: int
    expires_at: float
    instance: str | None
    user_agent: str | None
    registered_at: float


BINDING_FIELDS = _BindingRow.__struct_fields__


def read_binding(row: Mapping[str, object]) -> WriteBinding:
    """Read a binding back from its row."""
    kept = msgspec.convert({name: row[name] for name in BINDING_FIELDS}, _BindingRow)
    return WriteBinding(
        device=kept.device,
        contact=kept.contact,
        path=msgspec.json.decode(kept.path, type=tuple[str, ...]),
        flow=Flow(
            kept.transport,
            Address(kept.local_host, kept.local_port),
            Address(kept.remote_host, kept.remote_port),
            kept.connection,
        ),
        call_id=kept.call_id,
        cseq=kept.cseq,
        expires_at=kept.expires_at,
        instance=kept.instance,
        user_agent=kept.user_agent,
        registered_at=kept.registered_at,
    )


def block_row(block: WriteBlock) -> Row:
    """Lay a block out as its row."""
    return msgspec.structs.asdict(block)


_BLOCK_FIELDS = WriteBlock.__struct_fields__


def read_block(row: Mapping[str, object]) -> WriteBlock:
    """Read a block back from its row."""
    return msgspec.convert({name: row[name] for name in _BLOCK_FIELDS}, WriteBlock)
