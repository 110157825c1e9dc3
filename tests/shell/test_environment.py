"""What a machine may refuse, found before anything runs."""

import socket
from pathlib import Path

from config.model import Http, Listener, Media, Server, Settings
from switch.environment import make_folder, media_faults, try_out


def settings(folder: Path, **more: object) -> Settings:
    tables: dict[str, object] = {
        "server": Server(data_dir=folder),
        "listener": [Listener(transport="udp", host="127.0.0.1", port=0)],
        "http": Http(port=0),
    }
    return Settings.model_validate(tables | more)


def test_a_machine_that_has_everything_has_no_faults(tmp_path: Path) -> None:
    assert try_out(settings(tmp_path / "data" / "deep")) == []
    assert not (tmp_path / "data").exists()


def test_the_data_folder_is_made_for_its_user_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    assert make_folder(folder) == []
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    [fault] = make_folder(tmp_path / "data")
    assert fault.endswith("File exists; name a folder that can be written to")
    [fault] = try_out(settings(tmp_path / "data"))
    assert fault.endswith("is no folder; name a folder that can be written to")


def test_a_foreign_media_address_is_told_with_its_setting() -> None:
    media = Media(address="127.0.0.1", ipv6="2001:db8::1")
    [fault] = media_faults(Settings(media=media))
    assert fault.startswith("media 2001:db8::1: ")
    assert fault.endswith("; change [media] ipv6")


def test_a_missing_folder_of_prompts_is_told_with_its_setting(tmp_path: Path) -> None:
    assert media_faults(Settings(media=Media(address="127.0.0.1", prompts=tmp_path))) == []
    [fault] = media_faults(Settings(media=Media(address="127.0.0.1", prompts=tmp_path / "own")))
    assert fault.endswith("own: is no folder; change [media] prompts")


def test_every_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        faults = try_out(
            settings(
                tmp_path,
                listener=[Listener(transport="tcp", host="127.0.0.1", port=port)],
                http=Http(port=port),
            )
        )
    assert [fault.partition(": ")[0] for fault in faults] == [
        f"tcp:127.0.0.1:{port}",
        f"http 127.0.0.1:{port}",
    ]


def test_pages_that_are_switched_off_need_no_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        http = Http(enabled=False, port=other.getsockname()[1])
        assert try_out(settings(tmp_path, http=http)) == []
