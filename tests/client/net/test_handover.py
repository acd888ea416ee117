"""A link handed from one process to the app that runs, over a real socket."""

from __future__ import annotations

import queue
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client.handover import MOST_BYTES, LinkListener, hand_over, socket_path
from client.join_code import Invitation

ROOT = Path(__file__).parents[3]
SERVER = "http://127.0.0.1:8000"
LINK = "dindin://join/K7MQ4P"
Heard = queue.Queue[Invitation]
Listen = Callable[[Path], LinkListener]


@pytest.fixture
def heard() -> Heard:
    return queue.Queue()


@pytest.fixture
def listen(heard: Heard) -> Iterator[Listen]:
    """Start an app's ear; all are closed after the test."""
    made: list[LinkListener] = []

    def start(path: Path) -> LinkListener:
        made.append(LinkListener(path, heard.put))
        return made[-1]

    yield start
    for listener in made:
        listener.close()


def test_a_second_process_hands_its_link_over_and_ends_without_a_window(
    tmp_path: Path, listen: Listen, heard: Heard
) -> None:
    assert listen(socket_path(tmp_path, SERVER)).listening
    command = [sys.executable, "-m", "client", "--server", SERVER, LINK]
    environment = {"DINDIN_HOME": str(tmp_path), "PATH": ""}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    # Without a screen it could not have opened one: it would have said so.
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert heard.get(timeout=10) == Invitation(code="K7MQ4P")


def test_group_links_go_the_same_way(tmp_path: Path, listen: Listen, heard: Heard) -> None:
    listen(tmp_path / "ear")
    assert hand_over(tmp_path / "ear", "dindin://group/Kd9_x-2f")
    assert heard.get(timeout=10) == Invitation(group_token="Kd9_x-2f")


def test_where_nobody_listens_nothing_is_handed_over(tmp_path: Path, listen: Listen) -> None:
    assert not hand_over(tmp_path / "ear", LINK)
    listen(tmp_path / "ear").close()
    assert not (tmp_path / "ear").exists()
    assert not hand_over(tmp_path / "ear", LINK)


def test_an_app_of_another_server_is_not_meant(tmp_path: Path, listen: Listen) -> None:
    listen(socket_path(tmp_path, SERVER))
    assert not hand_over(socket_path(tmp_path, "https://dindin.example"), LINK)


def test_one_app_listens_and_the_next_leaves_it_alone(tmp_path: Path, listen: Listen, heard: Heard) -> None:
    listen(tmp_path / "ear")
    second = listen(tmp_path / "ear")
    assert not second.listening
    second.close()
    assert hand_over(tmp_path / "ear", LINK)
    assert heard.get(timeout=10) == Invitation(code="K7MQ4P")


def test_what_a_killed_app_has_left_behind_is_taken_over(tmp_path: Path, listen: Listen) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(tmp_path / "ear"))
    assert listen(tmp_path / "ear").listening
    assert hand_over(tmp_path / "ear", LINK)


@pytest.mark.parametrize(
    "words", [b"dindin://join/nowhere\n", b"\xff\n", b"\n", b"x" * (MOST_BYTES + 10) + b"\n"],
    ids=["no link", "no text", "nothing", "too much"],
)  # fmt: skip
def test_anything_but_a_link_is_not_taken_and_does_no_harm(
    tmp_path: Path, listen: Listen, heard: Heard, words: bytes
) -> None:
    listen(tmp_path / "ear")
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.settimeout(10)
        stranger.connect(str(tmp_path / "ear"))
        stranger.sendall(words)
        try:
            answer = stranger.recv(16)
        except ConnectionResetError:  # closed before all of it was read
            answer = b""
    assert (answer, heard.empty()) == (b"", True)
    assert hand_over(tmp_path / "ear", LINK)


def test_only_the_user_may_speak_to_it(tmp_path: Path, listen: Listen) -> None:
    listen(tmp_path / "ear")
    assert stat.S_IMODE((tmp_path / "ear").stat().st_mode) == 0o600


def test_a_folder_too_deep_for_a_socket_means_a_window_per_link(tmp_path: Path, listen: Listen) -> None:
    deep = tmp_path / ("d" * 120)
    assert not listen(deep / "ear").listening
    assert not hand_over(deep / "ear", LINK)
