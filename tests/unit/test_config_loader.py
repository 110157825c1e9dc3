"""What the configuration's reader accepts, and how it tells what is wrong."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.fault import ConfigurationError
from config.loader import MAX_FAULTS, load
from config.model import Settings

ONE_ID = """
[[contract]]
name = "shop"
[[contract.id]]
username = "101"
password = "secret"
extension = 101
number = "03-1234-5678"
"""


def settings(folder: Path, *texts: str, environment: Mapping[str, str] | None = None) -> Settings:
    files = []
    for index, text in enumerate(texts):
        file = folder / f"{index}.toml"
        file.write_text(text)
        files.append(file)
    return load(files, environment or {})


def faults(folder: Path, *texts: str, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        settings(folder, *texts, environment=environment)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path, "").listeners == Settings().listeners


def test_a_national_number_becomes_e164(tmp_path: Path) -> None:
    assert settings(tmp_path, ONE_ID).contracts[0].ids[0].number == "+81312345678"


def test_a_password_is_kept_as_its_hashes_only(tmp_path: Path) -> None:
    loaded = settings(tmp_path, '[server]\nrealm = "r"\n' + ONE_ID)
    identity = loaded.contracts[0].ids[0]
    assert identity.password is None
    assert identity.ha1 == {
        "MD5": hashlib.md5(b"101:r:secret").hexdigest(),  # noqa: S324 - RFC 7616's
        "SHA-256": hashlib.sha256(b"101:r:secret").hexdigest(),
        "SHA-512-256": hashlib.new("sha512_256", b"101:r:secret").hexdigest(),
    }
    assert "secret" not in repr(loaded)


def test_given_hashes_are_kept(tmp_path: Path) -> None:
    text = ONE_ID.replace('password = "secret"', f'ha1 = {{MD5 = "{"a" * 32}"}}')
    loaded = settings(tmp_path, '[security]\nalgorithms = ["MD5"]\n' + text)
    assert loaded.contracts[0].ids[0].ha1 == {"MD5": "a" * 32}


def test_the_environment_overrides_the_files(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        '[server]\nrealm = "a"\n',
        environment={
            "DAIHYO_SERVER__REALM": "b",
            "DAIHYO_SECURITY__ALGORITHMS": '["MD5"]',
            "DAIHYO_HTTP__PORT": "0",
            "DAIHYO_PURE": "1",
            "HOME": "/",
        },
    )
    assert (loaded.server.realm, loaded.security.algorithms, loaded.http.port) == (
        "b",
        ["MD5"],
        0,
    )


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    assert settings(tmp_path, '[server]\ndata_dir = "x"').server.data_dir == tmp_path / "x"


def test_later_files_add_tables_and_override_keys(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        '[server]\nrealm = "a"\nuser_agent = "u"\n' + ONE_ID,
        '[server]\nrealm = "b"\n'
        + ONE_ID.replace("shop", "bar").replace('"101"', '"201"').replace("5678", "9999"),
    )
    assert (loaded.server.realm, loaded.server.user_agent) == ("b", "u")
    assert [contract.name for contract in loaded.contracts] == ["shop", "bar"]


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """
[server]
relm = "x"
[[listener]]
transport = "tls"
port = 70000
certificate = "/nowhere.pem"
[security]
algorithms = [
  "MD5", # ] not here
  "CRC",
]
[[contract]]
name = "a"
[[contract.id]]
username = "1"
password = ""
extension = 110
number = "0120123456"
[[trunk]]
name = "t"
host = "a b"
inbound = ["192.0.2.1/24"]
register.username = "x"
"""
    assert faults(tmp_path, text) == [
        "0.toml:3: server: relm: is unknown; did you mean realm?",
        "0.toml:4: listener 1: no key; a TLS listener has key = <PEM file>",
        "0.toml:6: listener 1: port: 70000 is wrong; input should be less than or equal to 65535",
        "0.toml:7: listener 1: certificate: /nowhere.pem does not exist; name a readable PEM file",
        (
            "0.toml:9: security: algorithms 2: 'CRC' is wrong; "
            "input should be 'MD5', 'SHA-256' or 'SHA-512-256'"
        ),
        "0.toml:17: contract 1: id 1: password: is wrong; string should have at least 1 character",
        (
            "0.toml:18: contract 1: id 1: extension: 110 is wrong; "
            "choose an extension that is no emergency number"
        ),
        (
            "0.toml:19: contract 1: id 1: number: '0120123456' is wrong; "
            "write a number as 0312345678 or as +81312345678"
        ),
        "0.toml:22: trunk 1: host: 'a b' is wrong; use a host name or an IP address",
        (
            "0.toml:23: trunk 1: inbound 1: '192.0.2.1/24' is wrong; "
            "use an IP address or a network such as 192.0.2.0/28"
        ),
        "0.toml:24: trunk 1: register: password: is missing; add password = …",
    ]


def test_what_must_be_unique_names_both_places(tmp_path: Path) -> None:
    second = ONE_ID.partition("[[contract.id]]")[2]
    text = f"{ONE_ID}[[contract.id]]{second}"
    assert faults(tmp_path, text) == [
        (
            '0.toml:10: contract 1: id 2: username: "101" is taken; '
            "usernames are unique (first at 0.toml:5)"
        ),
        (
            '0.toml:12: contract 1: id 2: extension: "101" is taken; '
            "extensions are unique within a contract (first at 0.toml:7)"
        ),
        (
            '0.toml:13: contract 1: id 2: number: "+81312345678" is taken; '
            "a number belongs to one ID (first at 0.toml:8)"
        ),
    ]


def test_a_collision_between_two_files_names_both(tmp_path: Path) -> None:
    found = faults(tmp_path, ONE_ID, "\n\n" + ONE_ID.replace("shop", "bar"))
    assert found[0] == (
        '1.toml:7: contract 2: id 1: username: "101" is taken; '
        "usernames are unique (first at 0.toml:5)"
    )


def test_two_listeners_on_one_port_are_a_fault(tmp_path: Path) -> None:
    text = '[[listener]]\ntransport = "udp"\n[[listener]]\ntransport = "udp"\n'
    assert faults(tmp_path, text) == [
        (
            "0.toml:3: listener 2: 0.0.0.0:5060 is taken; "
            "each listener has its own port (first at 0.toml:1)"
        )
    ]


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("", "neither password nor ha1; an ID has one of them"),
        (
            'password = "x"\nha1 = {MD5 = "' + "a" * 32 + '", SHA-256 = "' + "a" * 64 + '"}',
            "both password and ha1; an ID has one of them",
        ),
        (
            'ha1 = {MD5 = "' + "a" * 32 + '"}',
            "ha1: no HA1 for SHA-256; give one for each of security.algorithms",
        ),
        (
            'ha1 = {MD5 = "xyz", SHA-256 = "' + "a" * 64 + '"}',
            "ha1: MD5: is no HA1; write 32 hexadecimal digits",
        ),
    ],
)
def test_an_id_has_one_whole_secret(tmp_path: Path, secret: str, expected: str) -> None:
    [fault] = faults(tmp_path, ONE_ID.replace('password = "secret"', secret))
    assert fault.partition("id 1: ")[2] == expected


def test_a_secret_is_never_shown_in_a_fault(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, ONE_ID.replace('"secret"', "123456789"))
    assert "123456789" not in fault


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[server\n", "0.toml:1: expected ']' at the end of a table declaration; "),
        ("a = \n", "0.toml:1: invalid value; "),
        ("\n\na = [", "0.toml:3: "),
        ("[server]\nrealm = 'a'\nrealm = 'b'\n", "0.toml:3: cannot overwrite a value; "),
    ],
)
def test_a_text_that_is_no_toml_names_the_line(tmp_path: Path, text: str, expected: str) -> None:
    [fault] = faults(tmp_path, text)
    assert fault.startswith(expected)


def test_a_missing_file_is_a_fault_beside_others(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load([tmp_path / "none.toml"], {"DAIHYO_NONSENSE": "1"})
    texts = "\n".join(map(str, caught.value.faults))
    assert "none.toml: cannot be read (No such file or directory)" in texts
    assert "DAIHYO_NONSENSE: is no setting" in texts


def test_octets_that_are_no_utf8_are_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"a = '\xff'\n")
    with pytest.raises(ConfigurationError, match="is not UTF-8; save the file as UTF-8 text"):
        load([file], {})


def test_a_fault_from_the_environment_names_the_variable(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, "", environment={"DAIHYO_HTTP__PORT": "x"})
    assert fault.startswith("DAIHYO_HTTP__PORT: http: port: 'x' is wrong;")


def test_an_unknown_key_without_a_near_name_lists_what_there_is(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, "[log]\nqqqqqq = 1\n")
    assert fault == (
        "0.toml:2: log: qqqqqq: is unknown; remove it, or use one of format, level, mask_numbers"
    )


def test_a_wrong_order_of_expiries_is_a_fault(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, "[registrar]\nmin_expires = 500\n")
    assert "min_expires, default_expires and max_expires are not in rising order" in fault


def test_a_session_timer_below_its_least_is_a_fault(tmp_path: Path) -> None:
    text = "[timers]\nsession_expires = 100\nmin_session_expires = 200\n"
    assert faults(tmp_path, text) == [
        (
            "0.toml:2: timers: session_expires: 100 is below min_session_expires, 200; "
            "session_expires is the longer of the two"
        )
    ]


def test_tables_of_a_wrong_kind_are_faults_and_no_crash(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "contract = 1\ntrunk = [2]\nserver = 3\ntimers = 4\n")) == 4


def test_endless_faults_are_cut_and_counted(tmp_path: Path) -> None:
    text = "".join(f"x{number} = 1\n" for number in range(MAX_FAULTS + 5))
    found = faults(tmp_path, text)
    assert len(found) == MAX_FAULTS + 1
    assert found[-1] == "configuration: 5 more faults; mend these first"


def test_outgoing_tls_needs_files_that_can_be_read(tmp_path: Path) -> None:
    assert faults(tmp_path, '[tls]\nca = "/nowhere.pem"\nkey = "/nowhere.key"\n') == [
        "0.toml:2: tls: ca: /nowhere.pem does not exist; name a readable PEM file",
        "0.toml:3: tls: key: no certificate; a key has its certificate beside it",
        "0.toml:3: tls: key: /nowhere.key does not exist; name a readable PEM file",
    ]


def test_a_switch_without_listeners_is_a_fault(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, "listener = []\n")
    assert fault.startswith("0.toml:1: listener: is wrong; ")
