"""The key: who may read it, and what it makes."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.deidentify.keys import Key, key_path, load_key
from dicomtui.errors import UsageError

TEXT = st.text(max_size=70)
KEY, OTHER = Key(bytes(range(32))), Key(bytes(32))


@given(TEXT)
def test_a_new_uid_is_a_valid_one_and_the_same_every_time(old: str) -> None:
    new = KEY.uid(old)
    assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", new)
    assert len(new) <= 64
    assert new == KEY.uid(old) != OTHER.uid(old)
    number = int(new[5:])
    assert number >> 76 & 0xF == 8
    assert number >> 62 & 0b11 == 0b10


@given(TEXT, TEXT, TEXT)
def test_dates_move_by_one_to_eleven_years_into_the_past(issuer: str, patient: str, study: str) -> None:
    assert -4015 <= KEY.offset_days(issuer, patient, study) <= -365


@given(TEXT, TEXT)
def test_a_new_patient_id_has_ten_letters(issuer: str, old: str) -> None:
    assert re.fullmatch(r"[2-9A-Z]{10}", KEY.patient_id(issuer, old, "1.2"))


@given(TEXT.filter(bool), TEXT, TEXT)
def test_a_patient_keeps_one_id_and_offset_over_studies(patient: str, one: str, other: str) -> None:
    assert KEY.patient_id("", patient, one) == KEY.patient_id("", patient, other)
    assert KEY.offset_days("", patient, one) == KEY.offset_days("", patient, other)


def test_patients_without_an_id_are_told_apart_by_their_studies() -> None:
    assert KEY.patient_id("", "", "1.2") != KEY.patient_id("", "", "1.3")


def test_what_issuer_and_id_have_in_common_does_not_join_patients() -> None:
    assert KEY.patient_id("AB", "C") != KEY.patient_id("A", "BC")


def test_two_projects_cannot_be_joined() -> None:
    one, other = KEY.for_project("one"), KEY.for_project("other")
    assert len({key.uid("1.2.3") for key in (KEY, one, other)}) == 3
    assert one.uid("1.2.3") == KEY.for_project("one").uid("1.2.3")


def test_a_key_does_not_show_its_secret() -> None:
    assert "secret" not in repr(KEY)


def test_a_key_is_made_once_private_and_found_again() -> None:
    made = load_key()
    assert made.created == key_path()
    assert os.stat(key_path()).st_mode & 0o777 == 0o600
    assert os.path.getsize(key_path()) == 32
    assert load_key() == Key(made.secret)


def test_a_key_to_forget_leaves_no_file_and_is_never_the_same() -> None:
    assert load_key(forget=True) != load_key(forget=True)
    assert not os.path.exists(key_path())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    load_key(str(path))
    path.chmod(mode)
    with pytest.raises(UsageError, match="chmod 600"):
        load_key(str(path))


def test_a_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    load_key(str(path))
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(UsageError, match="another user"):
        load_key(str(path))


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_file_of_another_size_is_no_key(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(UsageError, match="32 bytes"):
        load_key(str(path))


def test_a_fifo_is_no_key_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key", 0o600)
    with pytest.raises(UsageError, match="regular file"):
        load_key(str(tmp_path / "key"))
