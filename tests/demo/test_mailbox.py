import asyncio
import email
import email.policy
import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from demo.mailbox import Mailbox


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "samrum@almfors.test", "ester@almfors.test", subject
    message.set_content("Välkommen till mötet.\n.\nEn ensam punkt avslutar inget brev.\n")
    return message


async def send(port: int, subject: str) -> None:
    def post() -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(mail(subject), to_addrs=["ester@almfors.test", "rut@almfors.test"])

    await asyncio.to_thread(post)


def kept(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_each_mail_becomes_a_numbered_file_as_it_was_sent(tmp_path: Path) -> None:
    async with Mailbox(tmp_path / "mail") as box:
        await send(box.port, "Kallelse")
        await send(box.port, "Ändrad kallelse")

    first, second = (kept(path) for path in files(box.folder))
    assert [path.name for path in files(box.folder)] == ["0001.eml", "0002.eml"]
    assert (first["Subject"], second["Subject"]) == ("Kallelse", "Ändrad kallelse")
    assert first.get_content().splitlines() == mail("").get_content().splitlines()
    assert (first["Return-Path"], first.get_all("Delivered-To")) == (
        "<samrum@almfors.test>",
        ["ester@almfors.test", "rut@almfors.test"],
    )


async def test_numbers_go_on_after_a_stop_and_nothing_comes_in_between(tmp_path: Path) -> None:
    async with Mailbox(tmp_path) as before:
        await send(before.port, "ett")
    with pytest.raises(ConnectionRefusedError):
        await send(before.port, "ingen hemma")
    await before.start()
    await send(before.port, "två")
    await before.stop()

    assert [path.name for path in files(tmp_path)] == ["0001.eml", "0002.eml"]


async def test_a_mail_comes_at_once_and_whole_to_those_who_send_together(tmp_path: Path) -> None:
    async with Mailbox(tmp_path) as box:
        await asyncio.gather(*(send(box.port, f"brev {number}") for number in range(12)))

    subjects = {kept(path)["Subject"] for path in files(tmp_path)}
    assert subjects == {f"brev {number}" for number in range(12)}
